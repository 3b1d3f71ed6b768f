#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "tools/router/decode/decoded_message.h"
#include "tools/router/match/message_matcher.h"

namespace metlog {

/// Decides which messages an output or a reader takes. Used by one thread.
class Matcher {
 public:
  struct Options {
    /// The largest severity that passes, 0 (emergency) to 7 (debug); all pass by default.
    std::int64_t min_severity = std::numeric_limits<std::int64_t>::max();
    /// The types that pass; all when empty.
    std::vector<std::string> types;
    /// The loggers that pass; all when empty.
    std::vector<std::string> loggers;
    /// The tags that a message must have, all of them: see TagRules.
    std::uint64_t tags = 0;
    /// Passes the messages that match it; all when null.
    std::shared_ptr<const MessageMatcher> expression = nullptr;
  };

  explicit Matcher(Options options) : options_(std::move(options)) {}

  [[nodiscard]] bool matches(const DecodedMessage& message) const {
    return message.severity <= options_.min_severity && lists(options_.types, message.type) &&
           lists(options_.loggers, message.logger) && (options_.tags & ~message.tags) == 0 &&
           (options_.expression == nullptr || options_.expression->matches(message));
  }

 private:
  static bool lists(const std::vector<std::string>& names, std::string_view name) {
    return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
  }

  const Options options_;
};

}  // namespace metlog
