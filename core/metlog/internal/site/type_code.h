#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "metlog/internal/site/type_concepts.h"

namespace metlog {

/// Maximum length of a TypeCode.
inline constexpr std::size_t kMaxTypeLetters = 30;

/// A type as the letters that describe it in a site. A record holds the bytes of a scalar as they
/// are in memory:
///
///   b bool   c char   i int32   u uint32   l int64   m uint64   f float   d double   p pointer
///   s string   D? duration: int64 count of a unit   E? the same, count as double
///   T time point: int64 ns since the Unix epoch
///   o? optional   [? sequence   {?? map   (?..) tuple
///
/// Units: n ns, u us, m ms, s s, M min, h h, d days.
class TypeCode {
 public:
  consteval TypeCode& operator<<(char letter) {
    if (size_ == sizeof text_) throw "this argument's type is nested too deeply to be logged";
    text_[size_++] = letter;
    return *this;
  }
  consteval TypeCode& operator<<(const TypeCode& other) {
    for (std::size_t i = 0; i < other.size_; ++i) *this << other.text_[i];
    return *this;
  }
  [[nodiscard]] constexpr std::string_view view() const { return {text_, size_}; }

 private:
  char text_[kMaxTypeLetters] = {};
  std::uint8_t size_ = 0;
};

/// Returns the letter of a duration's period; 0 for one without a letter, whose count is converted
/// to seconds as a double.
template <class Period>
consteval char unit_letter() {
  constexpr auto kIs = [](std::intmax_t num, std::intmax_t den) {
    return Period::num == num && Period::den == den;
  };
  if (kIs(1, 1000000000)) return 'n';
  if (kIs(1, 1000000)) return 'u';
  if (kIs(1, 1000)) return 'm';
  if (kIs(1, 1)) return 's';
  if (kIs(60, 1)) return 'M';
  if (kIs(3600, 1)) return 'h';
  if (kIs(86400, 1)) return 'd';
  return 0;
}

/// Returns the bytes that a scalar of this code takes in a record; 0 for any other code.
constexpr std::size_t scalar_bytes(char letter) {
  switch (letter) {
    case 'b':
    case 'c':
      return 1;
    case 'i':
    case 'u':
    case 'f':
      return 4;
    case 'l':
    case 'm':
    case 'd':
    case 'p':
    case 'D':
    case 'E':
    case 'T':
      return 8;
    default:
      return 0;
  }
}

/// True when keys of this code can be the keys of a JSON object; a map with other keys is a
/// sequence of pairs.
constexpr bool is_key(char letter) { return letter == 's' || scalar_bytes(letter) != 0; }

template <class T>
consteval TypeCode type_code_of();

template <class T>
consteval TypeCode scalar_code_of() {
  TypeCode code;
  if constexpr (std::is_same_v<T, bool>) {
    code << 'b';
  } else if constexpr (std::is_same_v<T, char>) {
    code << 'c';
  } else if constexpr (std::is_floating_point_v<T>) {
    code << (sizeof(T) == 4 ? 'f' : 'd');
  } else if constexpr (std::is_enum_v<T>) {
    code << scalar_code_of<std::underlying_type_t<T>>();
  } else if constexpr (std::is_integral_v<T>) {
    static_assert(sizeof(T) <= 8, "metlog takes integers of up to 64 bits");
    code << (std::is_signed_v<T> ? (sizeof(T) <= 4 ? 'i' : 'l') : (sizeof(T) <= 4 ? 'u' : 'm'));
  } else if constexpr (Duration<T>) {
    constexpr char kUnit = unit_letter<typename T::period>();
    constexpr bool kWhole = std::is_integral_v<typename T::rep> && kUnit != 0;
    code << (kWhole ? 'D' : 'E') << (kUnit != 0 ? kUnit : 's');
  } else if constexpr (TimePoint<T>) {
    // Only the system clock counts from the Unix epoch; the time of any other is a duration.
    if constexpr (requires { T::clock::to_time_t(typename T::clock::time_point{}); }) {
      code << 'T';
    } else {
      code << 'D' << 'n';
    }
  } else {
    code << 'p';
  }
  return code;
}

template <class T, std::size_t... I>
consteval TypeCode tuple_code_of(std::index_sequence<I...>) {
  TypeCode code;
  code << '(';
  ((code << type_code_of<std::remove_cvref_t<std::tuple_element_t<I, T>>>()), ...);
  return code << ')';
}

/// Returns the code of T, or a compile-time error that says what a call takes.
template <class T>
consteval TypeCode type_code_of() {
  TypeCode code;
  if constexpr (RuntimeTyped<T>) {
    code << 's';  // the bytes are described in field_bytes.h
  } else if constexpr (Reducible<T>) {
    using Reduced = std::remove_cvref_t<decltype(metlog_reduce(std::declval<const T&>()))>;
    code << type_code_of<Reduced>();
  } else if constexpr (Text<T> || CString<T>) {
    code << 's';
  } else if constexpr (Scalar<T>) {
    code << scalar_code_of<T>();
  } else if constexpr (Map<T>) {
    constexpr TypeCode kKey = type_code_of<typename T::key_type>();
    constexpr TypeCode kMapped = type_code_of<typename T::mapped_type>();
    if constexpr (is_key(kKey.view()[0])) {
      code << '{' << kKey << kMapped;
    } else {
      code << '[' << '(' << kKey << kMapped << ')';  // the bytes are the same
    }
  } else if constexpr (Range<T>) {
    code << '[' << type_code_of<std::remove_cv_t<typename T::value_type>>();
  } else if constexpr (Tuple<T>) {
    code << tuple_code_of<T>(std::make_index_sequence<std::tuple_size_v<T>>());
  } else if constexpr (Optional<T>) {
    code << 'o' << type_code_of<std::remove_cv_t<typename T::value_type>>();
  } else {
    static_assert(Scalar<T>, "metlog cannot log this type: overload metlog_reduce(const T&)");
  }
  return code;
}

/// The code of T, with static storage.
template <class T>
[[gnu::visibility("hidden")]] inline constexpr TypeCode kTypeCode = type_code_of<T>();

}  // namespace metlog
