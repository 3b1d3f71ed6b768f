#include "metlog/internal/flush/message_id.h"

#include <cstring>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/random_id.h"

namespace metlog {
namespace {

char* append(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

}  // namespace

char* add_message_id(char* begin, char* end, const StreamId& stream, std::uint64_t sequence) {
  const std::string id = absl::StrCat(id_text(stream.session), "-", stream.number, "-", sequence);
  const std::string_view text(begin, static_cast<std::size_t>(end - begin));
  if (!text.starts_with('{') || !text.ends_with('}')) {
    return append(append(end, " metlog_id="), id);
  }
  const bool is_indented = text.ends_with("\n}");
  char* out = end - (is_indented ? 2 : 1);
  const bool is_first = out == begin + 1;
  if (!is_first) *out++ = ',';
  out = append(out, is_indented ? "\n    \"metlog_id\": \"" : "\"metlog_id\":\"");
  return append(append(out, id), is_indented ? "\"\n}" : "\"}");
}

}  // namespace metlog
