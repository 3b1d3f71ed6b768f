#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "metlog/internal/site/type_code.h"

namespace metlog {

/// Reads a record's bytes from the front. They may be damaged, in a ring that another process left:
/// a length beyond the end is cut to it.
class ByteCursor {
 public:
  ByteCursor(const unsigned char* begin, std::size_t size) : at_(begin), end_(begin + size) {}

  template <class T>
  [[nodiscard]] T take() {
    T value{};
    if (static_cast<std::size_t>(end_ - at_) < sizeof value) {
      at_ = end_;
      return value;
    }
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  [[nodiscard]] std::string_view take_text(std::size_t size) {
    const auto left = static_cast<std::size_t>(end_ - at_);
    const std::size_t taken = size < left ? size : left;
    const std::string_view text(reinterpret_cast<const char*>(at_), taken);
    at_ += taken;
    return text;
  }
  [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  [[nodiscard]] bool is_at_end() const { return at_ == end_; }

 private:
  const unsigned char* at_;
  const unsigned char* end_;
};

/// The maximum of output bytes for each byte of a value in a record, and for the value besides. A
/// control in a vector of characters, `"\u0001",`, takes the most; in a log text its quotes and
/// backslash are escaped again. An empty tuple, and `null,` where a damaged record ends, take no
/// bytes in the record.
inline constexpr std::size_t kValueTextGrowth = 12;
inline constexpr std::size_t kValueTextExtra = 48 + 5 * kMaxTypeLetters;

/// Returns the growth of a value of this type: every tuple adds its brackets and a comma to an
/// element of possibly one byte.
inline std::size_t value_text_growth(std::string_view type) {
  constexpr std::size_t kTupleBytes = 3;
  std::size_t growth = kValueTextGrowth;
  for (const char letter : type) growth += letter == '(' ? kTupleBytes : 0;
  return growth;
}

/// Writes one value as JSON and returns the end. `code` begins with the value's type (type_code.h),
/// which is removed from it. Doubles follow append_json_double(). Durations are strings with their
/// unit, time points strings like the envelope's time stamp; a map's keys become strings.
/// `out` has room for kValueTextExtra and value_text_growth() times the value's bytes.
char* append_json_value(char* out, std::string_view& code, ByteCursor& bytes);

/// Does the same for a value in a log text: a scalar as `{}` writes it, unescaped; a composite as
/// JSON.
char* append_text_value(char* out, std::string_view& code, ByteCursor& bytes);

/// Writes a counter's count, any type but a string: integers as `{}` does, doubles with 12
/// significant digits.
char* append_count(char* out, std::string_view code, ByteCursor& bytes);

}  // namespace metlog
