#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace metlog {

class Decoder;

/// A JSON value as far as the router looks into it.
struct JsonValue {
  enum class Kind : std::uint8_t { kAbsent, kNull, kBool, kNumber, kText, kArray, kObject };

  Kind kind = Kind::kAbsent;
  std::string_view text;  // of kText, escapes resolved; may hold any character, NUL too
  double number = 0;      // of kNumber; 1 or 0 of kBool
};

/// A message of the nine-key envelope. All of it is valid until its decoder's next decode().
struct DecodedMessage {
  std::string_view raw;  // the JSON text, without blanks around it; may hold line breaks as blanks
  std::string_view type;
  std::string_view timestamp;
  std::string_view logger;
  std::string_view env_version;
  std::string_view hostname;
  std::int64_t severity = 0;  // any number; smaller is more severe
  std::int64_t pid = 0;
  bool is_one_line = false;  // true: `raw` holds no line break; false: it may
  const Decoder* decoder = nullptr;

  /// Payload and fields are looked into only when they are asked for; the first time costs a parse.
  [[nodiscard]] JsonValue payload() const;

  /// The value of a key of `fields`; the first when it stands there twice.
  [[nodiscard]] JsonValue field(std::string_view key) const;

  /// One of the engine's own messages, which no user emitted.
  [[nodiscard]] bool is_engine_message() const {
    return type == "metlog.loss" || type == "metlog.stats";
  }
};

/// Why a frame is not a message. Every frame that is not accepted has one of these.
enum class RejectReason : std::uint8_t {
  kEmpty,          // nothing, or blanks only
  kTooLong,        // more bytes than --max-message
  kTooDeep,        // more nested objects and arrays than --max-depth
  kNotUtf8,        // bytes that are not UTF-8
  kNotJson,        // not JSON, or JSON that was cut
  kBadNumber,      // a number that is malformed, or that neither 64 bits nor a double can hold
  kBadString,      // a string with a wrong escape, an escaped lone surrogate among them
  kTrailingBytes,  // something behind the JSON text
  kNotAnObject,    // JSON, but not an object
  kMissingKey,     // one of the nine keys is missing
  kDuplicateKey,   // one of the nine keys stands there twice, so readers could disagree
  kWrongType,      // one of the nine keys has a value of another type
};
inline constexpr std::size_t kRejectReasonCount = 12;

/// As it stands in the ledger: "too_long", "not_json", ...
constexpr std::string_view name_of(RejectReason reason) {
  constexpr std::array<std::string_view, kRejectReasonCount> kNames = {
      "empty",         "too_long",    "too_deep",      "not_utf8",
      "not_json",      "bad_number",  "bad_string",    "trailing_bytes",
      "not_an_object", "missing_key", "duplicate_key", "wrong_type"};
  return kNames[static_cast<std::size_t>(reason)];
}

}  // namespace metlog
