#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace metlog {

/// A JSON value; arrays and objects without their contents.
struct JsonValue {
  enum class Kind : std::uint8_t { kAbsent, kNull, kBool, kNumber, kText, kArray, kObject };

  Kind kind = Kind::kAbsent;
  /// Of kText, unescaped; may hold any character, also NUL. One that has escapes in the message is
  /// valid until this thread has read kUnescapedTexts more of them; others as long as the message.
  std::string_view text;
  double number = 0;  // of kNumber; 1 or 0 of kBool
  // Of kNumber, when the message has an integer of 64 bits: exact, also beyond 2^53.
  std::int64_t integer = 0;
  bool is_integer = false;
  std::string_view json;  // the value as the message has it, its quotes included
};

inline constexpr std::size_t kUnescapedTexts = 16;

/// Reads valid JSON of one value, without whitespace around it; kAbsent when it is empty. Makes no
/// copy but of a text with escapes. Any thread.
[[nodiscard]] JsonValue read_json_value(std::string_view json);

/// Appends the characters of a valid JSON string, which is given without its quotes.
void append_unescaped(std::string& out, std::string_view text);

/// The JSON of a valid value without the whitespace in it. A copy is valid for as long as texts
/// with escapes, and counts as one of them.
[[nodiscard]] std::string_view without_whitespace(std::string_view json);

/// A member of an object, as the text has it.
struct JsonMember {
  std::string_view key;  // without its quotes, with its escapes
  bool key_has_escapes = false;
  std::string_view value;
};

/// The members of a valid JSON object, in order. The text is that of the object, and kFramePadding
/// readable bytes follow it.
class JsonMembers {
 public:
  explicit JsonMembers(std::string_view object)
      : at_(object.data() + 1), end_(object.data() + object.size()) {}

  /// Moves to the next member; false when there is none.
  bool next(JsonMember& member);

 private:
  const char* at_;
  const char* end_;
};

/// The value of a key of a valid JSON object, as the text has it; empty when there is none. As for
/// JsonMembers.
[[nodiscard]] std::string_view member_of(std::string_view object, std::string_view key);

/// The elements of a valid JSON array, in order; otherwise as JsonMembers.
class JsonElements {
 public:
  explicit JsonElements(std::string_view array)
      : at_(array.data() + 1), end_(array.data() + array.size()) {}

  /// Moves to the next element; false when there is none.
  bool next(std::string_view& element);

 private:
  const char* at_;
  const char* end_;
};

}  // namespace metlog
