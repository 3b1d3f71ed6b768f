#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tools/router/decode/envelope_repair.h"
#include "tools/router/decode/json_value.h"
#include "tools/router/decode/message_places.h"

namespace metlog {

/// A message of the nine-key envelope. It refers to the bytes that it was decoded from and to the
/// MessageMemory that the decoder was given, and is valid for as long as both are. Any thread.
struct DecodedMessage {
  // The JSON text without whitespace around it; may hold line breaks. Written again when an
  // object has a key twice, with its last value only, and when something was repaired.
  std::string_view raw;
  bool is_one_line = false;  // true when `raw` is known to hold no line break
  Repairs repairs;
  std::string_view type;
  std::string_view timestamp;
  std::string_view logger;
  std::string_view env_version;
  std::string_view hostname;
  std::int64_t severity = 0;  // any number; a smaller one is more severe
  std::int64_t pid = 0;
  // Where payload and fields are, and where the runs begin from which `places` counts: in `raw`.
  // Null when the general parser read the message, which does not know places.
  const PlaceTable* places = nullptr;
  const std::uint32_t* runs = nullptr;
  std::uint64_t tags = 0;  // a bit for each that the router has given it: see TagRules

  /// The payload. Nothing is parsed again: decoding has left the places of payload and fields. Only
  /// a message that the general parser had to read is searched for them.
  [[nodiscard]] JsonValue payload() const;

  /// The value of a key of `fields`.
  [[nodiscard]] JsonValue field(std::string_view key) const;
  /// An element of the array that is the value of a key, counted from 0; any other value is its own
  /// element 0. When `fields` has not this key, a.b names the member b of the object a in it.
  [[nodiscard]] JsonValue field(std::string_view key, std::size_t element) const;

  /// The payload as text: a string itself, null as nothing, else JSON as it is written, without
  /// whitespace. Valid for as long as the text of a JsonValue that has escapes.
  [[nodiscard]] std::string_view payload_text() const;

  /// True for the engine's own messages, which no user emitted.
  [[nodiscard]] bool is_engine_message() const {
    return is_loss_message() || type == "metlog.clock" || type == "metlog.stats" ||
           type == "metlog.death" || type == "metlog.router";
  }
  [[nodiscard]] bool is_loss_message() const { return type == "metlog.loss"; }

 private:
  friend class MessageFields;

  [[nodiscard]] const char* at(const TextPosition& position) const {
    return raw.data() + runs[position.run] + position.offset;
  }
  [[nodiscard]] std::string_view between(const TextPosition& begin, const TextPosition& end) const {
    return {at(begin), static_cast<std::size_t>(at(end) - at(begin))};
  }
  /// The JSON of the member of `fields` with this key, whose place is known; empty when there is
  /// none.
  [[nodiscard]] std::string_view placed_field(std::string_view key) const;
  /// The JSON of the member of `fields` with this key or, when there is none, at this path.
  [[nodiscard]] std::string_view member_at(std::string_view path) const;
};

/// The members of a message's `fields`, in the order of the text. Used by one thread, while the
/// message is valid.
class MessageFields {
 public:
  explicit MessageFields(const DecodedMessage& message);

  /// Moves to the next member; false when there is none.
  bool next(JsonMember& member);

 private:
  const DecodedMessage& message_;
  std::size_t next_ = 0;                // of the places
  std::optional<JsonMembers> members_;  // of a message without places
};

/// Why a message was rejected.
enum class RejectReason : std::uint8_t {
  kEmpty,          // empty, or whitespace only
  kTooLong,        // more bytes than --max-message
  kTooDeep,        // more nested objects and arrays than --max-depth
  kNotUtf8,        // bytes that are not UTF-8
  kNotJson,        // not JSON, or cut JSON
  kBadNumber,      // a malformed number, or one that a double cannot hold
  kBadString,      // a string with an invalid escape
  kTrailingBytes,  // something after the JSON text
  kNotAnObject,    // JSON, but not an object
  kMissingKey,     // one of the nine keys is missing
  kWrongType,      // one of the nine keys has a value of another type
  kBadTimestamp,   // no date and time that exists: see TimestampCheck
};
inline constexpr std::size_t kRejectReasonCount = 12;

/// The name in the ledger: "too_long", "not_json", ...
constexpr std::string_view name_of(RejectReason reason) {
  constexpr std::array<std::string_view, kRejectReasonCount> kNames = {
      "empty",         "too_long",    "too_deep",   "not_utf8",
      "not_json",      "bad_number",  "bad_string", "trailing_bytes",
      "not_an_object", "missing_key", "wrong_type", "bad_timestamp"};
  return kNames[static_cast<std::size_t>(reason)];
}

}  // namespace metlog
