#include "metlog/internal/config/config_error.h"

#include "absl/strings/str_cat.h"
#include "metlog/internal/config/json_writer.h"
#include "metlog/internal/config/text.h"
#include "metlog/internal/text/line_text.h"

namespace metlog {
namespace {

/// Of a section's header, which no value of its own stands behind.
bool is_header(const ValueOrigin& origin) { return !origin.section.empty() && origin.key.empty(); }

/// Where the value was written in another form than it is shown.
bool was_replaced(const ValueOrigin& origin) {
  return origin.is_interpolated || !origin.variables.empty();
}

}  // namespace

std::string place_text(const ValueOrigin& origin) {
  std::string text = line_text(origin.file);
  if (origin.line != 0) absl::StrAppend(&text, ":", origin.line);
  const auto append_word = [&text](const std::string& word, std::string_view separator) {
    if (word.empty()) return;
    if (!text.empty()) text.append(separator);
    text.append(word);
  };
  if (!origin.section.empty()) append_word(shown(absl::StrCat("[", origin.section, "]")), ": ");
  append_word(shown(origin.key), origin.section.empty() ? ": " : " ");
  return text;
}

absl::Status value_error(std::string_view key, const Value& value, std::string_view what) {
  const ValueOrigin* const origin = value.origin();
  std::string message = origin != nullptr ? place_text(*origin) : shown(key);
  if (origin == nullptr || !is_header(*origin)) message.append(" = ").append(shown(to_json(value)));
  if (origin != nullptr && was_replaced(*origin)) {
    message.append(", from ").append(quoted(origin->written));
  }
  return absl::InvalidArgumentError(message.append(": ").append(what));
}

}  // namespace metlog
