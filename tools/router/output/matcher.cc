#include "tools/router/output/matcher.h"

#include <algorithm>

namespace metlog {
namespace {

bool lists(const std::vector<std::string>& names, std::string_view name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool Matcher::matches(const DecodedMessage& message) const {
  return message.severity <= options_.least_severe && lists(options_.types, message.type) &&
         lists(options_.loggers, message.logger);
}

}  // namespace metlog
