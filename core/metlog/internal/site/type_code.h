#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "metlog/internal/site/shown_value.h"
#include "metlog/internal/site/time_value.h"
#include "metlog/internal/site/type_concepts.h"

namespace metlog {

/// Maximum length of a TypeCode.
inline constexpr std::size_t kMaxTypeLetters = 30;

/// A type as the letters that describe it in a site. A record holds the bytes of a scalar as they
/// are in memory:
///
///   b bool   c char   i int32   u uint32   l int64   m uint64   f float   d double   p pointer
///   w int128   W uint128   q long double, in 16 bytes   C a character, as its code point (uint32)
///   s string, in UTF-8   z nothing (one byte)
///   D? duration: int64 count of a unit   E? its count is a double   J? an int128   Q? as q
///   T time: int64 ns since the Unix epoch   U? int64 count of a unit since then
///   t time: int64 s, int64 ns since the Unix epoch (WideTime)
///   o? optional   [? sequence   {?? map   (?..) tuple   |?..) variant
///
/// Units: n ns, u us, m ms, s s, M min, h h, d days. Marks after these: `~` after U? and t, a local
/// time; `@` after a duration, the time since the epoch of a clock that has no date.
class TypeCode {
 public:
  /// Not defined: no constant expression may call it, so that the compiler stops and shows its
  /// name.
  static void this_type_is_nested_too_deeply_to_be_logged();

  consteval TypeCode& operator<<(char letter) {
    if (size_ == sizeof text_) this_type_is_nested_too_deeply_to_be_logged();
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

/// Returns the bytes that a scalar of this code takes in a record; 0 for any other code.
constexpr std::size_t scalar_bytes(char letter) {
  switch (letter) {
    case 'b':
    case 'c':
    case 'z':
      return 1;
    case 'i':
    case 'u':
    case 'f':
    case 'C':
      return 4;
    case 'l':
    case 'm':
    case 'd':
    case 'p':
    case 'D':
    case 'E':
    case 'T':
    case 'U':
      return 8;
    case 'w':
    case 'W':
    case 'q':
    case 'J':
    case 'Q':
    case 't':
      return 16;
    default:
      return 0;
  }
}

/// True when keys of this code can be the keys of a JSON object; a map with other keys is a
/// sequence of pairs.
constexpr bool is_key(char letter) { return letter == 's' || scalar_bytes(letter) != 0; }

template <class T>
consteval TypeCode type_code_of();

template <Duration T>
consteval TypeCode duration_code_of() {
  constexpr char kUnit = unit_letter<typename T::period>();
  TypeCode code;
  return code << duration_letter<T>() << (kUnit != 0 ? kUnit : 's');
}

template <TimePoint T>
consteval TypeCode time_code_of() {
  using Span = std::remove_cvref_t<decltype(std::declval<const T&>().time_since_epoch())>;
  constexpr Epoch kEpoch = epoch_of<T>();
  TypeCode code;
  if constexpr (kEpoch == Epoch::kUnknown) {
    code << duration_code_of<Span>() << '@';
  } else {
    code << time_letter<T>();
    if (time_letter<T>() == 'U') code << unit_letter<typename Span::period>();
    if (kEpoch == Epoch::kLocal) code << '~';
  }
  return code;
}

template <class T>
consteval char integer_letter() {
  if (std::is_signed_v<T>) return sizeof(T) <= 4 ? 'i' : 'l';
  return sizeof(T) <= 4 ? 'u' : 'm';
}

template <class T>
consteval TypeCode scalar_code_of() {
  TypeCode code;
  if constexpr (std::is_same_v<T, bool>) {
    code << 'b';
  } else if constexpr (std::is_same_v<T, char>) {
    code << 'c';
  } else if constexpr (std::is_same_v<T, Char8> || WideCharacter<T>) {
    code << 'C';
  } else if constexpr (Integer128<T>) {
    code << (std::is_same_v<T, Int128> ? 'w' : 'W');
  } else if constexpr (LongReal<T>) {
    code << 'q';
  } else if constexpr (std::is_floating_point_v<T>) {
    code << (sizeof(T) == 4 ? 'f' : 'd');
  } else if constexpr (std::is_enum_v<T>) {
    code << scalar_code_of<std::underlying_type_t<T>>();
  } else if constexpr (std::is_integral_v<T>) {
    code << integer_letter<T>();
  } else if constexpr (Duration<T>) {
    code << duration_code_of<T>();
  } else if constexpr (TimePoint<T>) {
    code << time_code_of<T>();
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

/// std::monostate.
template <class T>
inline constexpr bool kIsEmptyAlternative = std::is_empty_v<T> && !Converted<T> && !Tuple<T>;

template <class T>
consteval TypeCode alternative_code_of() {
  if constexpr (kIsEmptyAlternative<T>) {
    TypeCode code;
    return code << 'z';
  } else {
    return type_code_of<T>();
  }
}
template <template <class...> class V, class... A>
consteval TypeCode variant_code_of(std::type_identity<V<A...>>) {
  TypeCode code;
  code << '|';
  ((code << alternative_code_of<A>()), ...);
  return code << ')';
}

/// Stops the compiler with the reason why a call does not take T.
template <class T>
consteval void refuse_type() {
  if constexpr (BytePointer<T>) {
    static_assert(
        !BytePointer<T>,
        "metlog cannot log what may be text or bytes: cast a pointer to signed, unsigned or "
        "volatile char to const char* for its text, to const void* for its address");
  } else if constexpr (Iterable<T>) {
    static_assert(!Iterable<T>,
                  "metlog cannot log this range, which is neither read through a const reference "
                  "nor copied: log a vector of its elements");
  } else if constexpr (requires(const T& pointer) {
                         *pointer;
                         pointer.get();
                       }) {
    static_assert(
        !requires(const T& pointer) {
          *pointer;
          pointer.get();
        },
        "metlog cannot log a smart pointer: log *p for its value, p.get() for its "
        "address");
  } else {
    static_assert(Scalar<T>,
                  "metlog cannot log this type: overload metlog_reduce(const T&), which returns "
                  "a number, a string or a tuple");
  }
}

/// Returns the code of T, or a compile-time error that says what a call takes.
template <class T>
consteval TypeCode type_code_of() {
  TypeCode code;
  if constexpr (std::is_volatile_v<T> && std::is_scalar_v<T>) {
    code << type_code_of<std::remove_cv_t<T>>();
  } else if constexpr (RuntimeTyped<T>) {
    code << 's';  // the bytes are described in field_bytes.h
  } else if constexpr (Converted<T>) {
    code << type_code_of<ConvertedTo<T>>();
  } else if constexpr (Utf8Text<T> || ConvertedText<T>) {
    code << 's';
  } else if constexpr (Scalar<T>) {
    code << scalar_code_of<T>();
  } else if constexpr (Optional<T>) {
    code << 'o' << type_code_of<std::remove_cv_t<typename T::value_type>>();
  } else if constexpr (Variant<T>) {
    code << variant_code_of(std::type_identity<T>());
  } else if constexpr (Map<T>) {
    constexpr TypeCode kKey = type_code_of<typename T::key_type>();
    constexpr TypeCode kMapped = type_code_of<typename T::mapped_type>();
    if constexpr (is_key(kKey.view()[0])) {
      code << '{' << kKey << kMapped;
    } else {
      code << '[' << '(' << kKey << kMapped << ')';  // the bytes are the same
    }
  } else if constexpr (Range<T>) {
    code << '[' << type_code_of<typename RangeElement<T>::Type>();
  } else if constexpr (Tuple<T>) {
    code << tuple_code_of<T>(std::make_index_sequence<std::tuple_size_v<T>>());
  } else {
    refuse_type<T>();
  }
  return code;
}

/// The code of T, with static storage.
template <class T>
[[gnu::visibility("hidden")]] inline constexpr TypeCode kTypeCode = type_code_of<T>();

}  // namespace metlog
