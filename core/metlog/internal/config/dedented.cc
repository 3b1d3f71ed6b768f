#include "metlog/internal/config/dedented.h"

#include <algorithm>
#include <optional>

namespace metlog {
namespace {

/// Calls `take` with each line, without its newline; the last one may lack it.
template <class Take>
void for_each_line(std::string_view text, Take take) {
  for (bool is_last = false; !is_last;) {
    const std::size_t end = text.find('\n');
    is_last = end == std::string_view::npos;
    take(text.substr(0, end), is_last);
    if (!is_last) text.remove_prefix(end + 1);
  }
}

std::size_t indent_of(std::string_view line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

/// Also with the CR of a CRLF, which the original takes for text.
bool is_blank(std::string_view line) {
  const std::string_view rest = line.substr(indent_of(line));
  return rest.empty() || rest == "\r";
}

std::string_view common_beginning(std::string_view one, std::string_view other) {
  const auto [end, ignored] = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
  return one.substr(0, static_cast<std::size_t>(end - one.begin()));
}

std::string_view common_indent(std::string_view text) {
  std::optional<std::string_view> common;
  for_each_line(text, [&](std::string_view line, bool) {
    if (is_blank(line)) return;
    const std::string_view indent = line.substr(0, indent_of(line));
    common = common_beginning(common.value_or(indent), indent);
  });
  return common.value_or("");
}

}  // namespace

std::string dedented(std::string_view text) {
  const std::size_t indent = common_indent(text).size();
  std::string result;
  result.reserve(text.size());
  for_each_line(text, [&](std::string_view line, bool is_last) {
    result.append(line.substr(is_blank(line) ? indent_of(line) : indent));
    if (!is_last) result += '\n';
  });
  return result;
}

}  // namespace metlog
