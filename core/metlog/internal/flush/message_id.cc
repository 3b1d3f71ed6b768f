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

/// The key in a JSON object. GELF, of which the version is always the last member, has no fields
/// but those that begin with an underscore.
std::string_view key_in(std::string_view json) {
  return json.ends_with(R"(,"version":"1.1"})") ? "\"_metlog_id\":\"" : "\"metlog_id\":\"";
}

}  // namespace

char* add_message_id(char* begin, char* end, const StreamId& stream, std::uint64_t sequence) {
  const std::string id = absl::StrCat(id_text(stream.session), "-", stream.number, "-", sequence);
  const std::string_view text(begin, static_cast<std::size_t>(end - begin));
  if (!text.starts_with('{') || !text.ends_with('}')) {
    return append(append(end, " metlog_id="), id);
  }
  const bool is_indented = text.ends_with("\n}");
  const std::string_view key = is_indented ? "\n    \"metlog_id\": \"" : key_in(text);
  char* out = end - (is_indented ? 2 : 1);
  const bool is_first = out == begin + 1;
  if (!is_first) *out++ = ',';
  out = append(out, key);
  return append(append(out, id), is_indented ? "\"\n}" : "\"}");
}

}  // namespace metlog
