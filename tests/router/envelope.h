#pragma once

#include <map>
#include <string>
#include <string_view>

namespace metlog {

/// JSON values by key. They replace those of a plain log message; an empty string removes a key.
using EnvelopeParts = std::map<std::string, std::string>;

inline std::string envelope(const EnvelopeParts& changes = {}) {
  EnvelopeParts parts = {
      {"type", "\"oldstyle\""},       {"timestamp", "\"2013-01-18T12:34:56.789012Z\""},
      {"logger", "\"app\""},          {"severity", "6"},
      {"payload", "\"hello\""},       {"fields", "{}"},
      {"env_version", "\"0.8\""},     {"metlog_pid", "123"},
      {"metlog_hostname", "\"host\""}};
  for (const auto& [key, value] : changes) parts[key] = value;
  std::string text = "{";
  for (const auto& [key, value] : parts) {
    if (value.empty()) continue;
    text += (text.size() == 1 ? "\"" : ",\"") + key + "\":" + value;
  }
  return text + "}";
}

/// An array of this one value.
inline std::string bracketed(const std::string& value) {
  std::string text = "[";
  text += value;
  return text + "]";
}

/// `depth` nested arrays.
inline std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace metlog
