#include "tools/console/severity_names.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <utility>

namespace metlog {
namespace {

constexpr std::pair<std::string_view, int> kNames[] = {
    {"emergency", 0}, {"emerg", 0}, {"alert", 1},         {"critical", 2}, {"crit", 2},
    {"error", 3},     {"err", 3},   {"warn", 4},          {"warning", 4},  {"notice", 5},
    {"info", 6},      {"debug", 7}, {"informational", 6},
};

}  // namespace

std::optional<int> parse_severity(std::string_view text) {
  if (text.size() == 1 && text[0] >= '0' && text[0] <= '7') return text[0] - '0';
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  for (const auto& [name, number] : kNames) {
    if (lower == name) return number;
  }
  return std::nullopt;
}

std::string severity_text(std::int64_t severity) {
  constexpr std::array<const char*, 8> kNames = {"emergency", "alert",  "critical", "error",
                                                 "warning",   "notice", "info",     "debug"};
  if (severity < 0 || severity >= std::ssize(kNames)) return std::to_string(severity);
  return kNames[static_cast<std::size_t>(severity)];
}

std::string_view severity_colour(std::int64_t severity) {
  if (severity < 0 || severity > 4) return "";
  return severity == 4 ? "\x1b[33m" : "\x1b[31m";
}

}  // namespace metlog
