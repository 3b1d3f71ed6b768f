#include "metlog/internal/text/severity_names.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "metlog/internal/text/nearest_name.h"

namespace metlog {
namespace {

constexpr int kSeverities = 8;
constexpr std::string_view kOff = "off";

// By severity; the last one is a level only. name_of() has the names of RFC 5424.
constexpr std::string_view kNames[] = {"emergency", "alert", "critical", "error", "warning",
                                       "notice",    "info",  "debug",    "trace"};
// Understood as well.
constexpr std::string_view kOtherNames[] = {"emerg",         "", "crit", "err", "warn", "",
                                            "informational", "", ""};
static_assert(kNames[0].size() == kSeverityWidth);

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return lowered;
}

/// Reads one of the first `count` names, or its number.
std::optional<int> parse(std::string_view text, int count) {
  if (text.size() == 1 && text[0] >= '0' && text[0] < '0' + count) return text[0] - '0';
  if (text.empty()) return std::nullopt;
  const std::string name = lower(text);
  for (int severity = 0; severity < count; ++severity) {
    if (name == kNames[severity] || name == kOtherNames[severity]) return severity;
  }
  return std::nullopt;
}

std::string choices(int count) {
  std::string text = "0 to " + std::to_string(count - 1) + " or ";
  for (int severity = 0; severity < count; ++severity) {
    text.append(severity == 0 ? "" : ", ").append(kNames[severity]);
  }
  return text;
}

}  // namespace

std::optional<int> parse_severity(std::string_view text) { return parse(text, kSeverities); }

std::string severity_choices() { return choices(kSeverities); }

std::optional<Severity> parse_level(std::string_view text) {
  if (lower(text) == kOff) return kSeverityOff;
  const std::optional<int> level = parse(text, std::ssize(kNames));
  return level.has_value() ? std::optional(static_cast<Severity>(*level)) : std::nullopt;
}

std::string level_choices() { return choices(std::ssize(kNames)).append(", ").append(kOff); }

std::string_view nearest_level(std::string_view text) {
  const std::string_view near = nearest_name(text, kNames);
  return near.empty() ? nearest_name(text, std::span(&kOff, 1)) : near;
}

std::string_view level_word(Severity level) {
  if (level == kSeverityOff) return kOff;
  const auto number = static_cast<int>(level);
  return number >= 0 && number < std::ssize(kNames) ? kNames[number] : std::string_view("?");
}

std::string severity_text(std::int64_t severity) {
  if (severity < 0 || severity >= kSeverities) return std::to_string(severity);
  return std::string(kNames[severity]);
}

std::string_view severity_colour(std::int64_t severity) {
  if (severity < 0 || severity > 4) return "";
  return severity == 4 ? "\x1b[33m" : "\x1b[31m";
}

}  // namespace metlog
