#include "tools/console/severity_names.h"

#include <algorithm>
#include <iterator>
#include <string>

namespace metlog {
namespace {

struct Names {
  std::string_view shown;
  std::string_view also;  // understood as well; may be empty
};

// By severity, 0 to 7. The engine's own name_of() has the upper-case names of the log macros.
constexpr Names kNames[] = {{"emergency", "emerg"},    {"alert", ""},       {"critical", "crit"},
                            {"error", "err"},          {"warning", "warn"}, {"notice", ""},
                            {"info", "informational"}, {"debug", ""}};
static_assert(kNames[0].shown.size() == kSeverityWidth);

}  // namespace

std::optional<int> parse_severity(std::string_view text) {
  if (text.size() == 1 && text[0] >= '0' && text[0] <= '7') return text[0] - '0';
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  if (lower.empty()) return std::nullopt;
  for (int severity = 0; severity < std::ssize(kNames); ++severity) {
    if (lower == kNames[severity].shown || lower == kNames[severity].also) return severity;
  }
  return std::nullopt;
}

std::string severity_choices() {
  std::string text = "0 to 7 or ";
  for (const Names& names : kNames) {
    text.append(&names == kNames ? "" : ", ").append(names.shown);
  }
  return text;
}

std::string severity_text(std::int64_t severity) {
  if (severity < 0 || severity >= std::ssize(kNames)) return std::to_string(severity);
  return std::string(kNames[severity].shown);
}

std::string_view severity_colour(std::int64_t severity) {
  if (severity < 0 || severity > 4) return "";
  return severity == 4 ? "\x1b[33m" : "\x1b[31m";
}

}  // namespace metlog
