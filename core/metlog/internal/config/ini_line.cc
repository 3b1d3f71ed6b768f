#include "metlog/internal/config/ini_line.h"

#include "metlog/internal/config/trimmed.h"

namespace metlog {
namespace {

/// Whether the first word is `rem`: `rem = 1` is a comment, `rem=1` an option.
bool is_remark(std::string_view line) {
  return lowered(line.substr(0, 3)) == "rem" && (line.size() == 3 || is_ini_blank(line[3]));
}

bool is_skipped(std::string_view line) {
  return trimmed(line).empty() || line[0] == '#' || line[0] == ';' || is_remark(line);
}

/// The end of the brackets that the line begins with, or npos. There is something between them.
std::size_t end_of_brackets(std::string_view line) {
  if (line[0] != '[') return std::string_view::npos;
  const std::size_t end = line.find(']');
  return end == 1 ? std::string_view::npos : end;
}

/// Cuts a comment off a value: only at the first semicolon, and only when a blank stands before it.
std::string_view without_comment(std::string_view value) {
  const std::size_t at = value.find(';');
  const bool is_comment = at != std::string_view::npos && at != 0 && is_ini_blank(value[at - 1]);
  return is_comment ? value.substr(0, at) : value;
}

std::string_view option_value(std::string_view text) {
  const std::string_view value = trimmed(without_comment(trimmed_left(text)));
  return value == "\"\"" ? std::string_view() : value;
}

}  // namespace

IniLine read_ini_line(std::string_view line) {
  using Kind = IniLine::Kind;
  if (is_skipped(line)) return {};
  if (is_ini_blank(line[0])) return {Kind::kIndented, "", trimmed(line)};
  if (const std::size_t end = end_of_brackets(line); end != std::string_view::npos) {
    return {Kind::kSection, std::string(line.substr(1, end - 1))};
  }
  const std::size_t separator = line.find_first_of(":=");
  if (separator == std::string_view::npos || separator == 0) return {Kind::kUnreadable};
  return {Kind::kOption, lowered(trimmed_right(line.substr(0, separator))),
          option_value(line.substr(separator + 1))};
}

}  // namespace metlog
