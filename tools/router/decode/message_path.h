#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/router/decode/decoded_message.h"

namespace metlog {

/// The place of a value in a message, as keys with `/` between them: `type`, `payload`,
/// `fields/name`, `fields/request/path`. Any member of the message may be the first. Immutable.
class MessagePath {
 public:
  /// Empty when a key is: "", "fields/", "/type".
  static std::optional<MessagePath> parse(std::string_view path);

  /// Room for a number that is written for the caller.
  using Digits = std::array<char, 24>;
  struct Found {
    /// A text itself, nothing for null and for what is absent, else JSON without whitespace. Valid
    /// as long as the text of a JsonValue, and `digits`.
    std::string_view text;
    bool is_there = true;
  };
  /// Empty when the path leads through a number, a truth value or a list, which have no members.
  [[nodiscard]] std::optional<Found> find(const DecodedMessage& message, Digits& digits) const;

 private:
  enum class Root { kType, kTimestamp, kLogger, kVersion, kHostname, kSeverity, kPid, kOther };

  explicit MessagePath(std::vector<std::string> keys);
  [[nodiscard]] std::optional<JsonValue> value_in(const DecodedMessage& message) const;

  std::vector<std::string> keys_;
  Root root_ = Root::kOther;
};

}  // namespace metlog
