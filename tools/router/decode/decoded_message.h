#pragma once

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

}  // namespace metlog
