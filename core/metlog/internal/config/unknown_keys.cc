#include "metlog/internal/config/unknown_keys.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace metlog {
namespace {

constexpr std::array<std::string_view, 7> kKeys = {
    "logger", "severity", "disabled_timers", "filters", "plugins", "sender", "global"};
constexpr std::array<std::string_view, 2> kPrefixes = {"sender_", "global_"};

bool is_known(std::string_view key) {
  return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end() ||
         std::any_of(kPrefixes.begin(), kPrefixes.end(), [key](std::string_view prefix) {
           return key.substr(0, prefix.size()) == prefix;
         });
}

}  // namespace

std::vector<std::string> unknown_keys(const ValueMap& dict) {
  std::vector<std::string> keys;
  for (const auto& [key, ignored] : dict) {
    if (!is_known(key)) keys.push_back(key);
  }
  return keys;
}

}  // namespace metlog
