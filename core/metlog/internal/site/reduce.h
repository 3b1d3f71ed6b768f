#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "metlog/internal/site/arg.h"
#include "metlog/internal/site/type_code.h"

namespace metlog {

/// Arguments are reduced before a cell is touched: an argument that logs, throws or jumps out
/// cannot leave a half-written record.

/// A string. Its bytes follow the fixed part of the record, which holds the length in 32 bits; a
/// longer string is too big for any record.
struct TextRef {
  const char* at;  // never null, because memcpy() forbids it even for size 0
  std::size_t size;
};

/// A container, tuple, optional or wide string: encoded by composite.h, then handled as a string.
template <class T>
struct CompositeRef {
  const T& value;
};

/// The result of a user's metlog_reduce(), owned until its bytes are copied.
template <class T>
struct CompositeValue {
  T value;
};

constexpr std::uint32_t clamp_size(std::size_t size) {
  return size < UINT32_MAX ? static_cast<std::uint32_t>(size) : UINT32_MAX;
}

/// Returns a scalar in the form in which a record holds it: widened, see type_code.h.
template <Scalar T>
constexpr auto reduce_scalar(const T& value) {
  if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, char> || std::is_same_v<T, float> ||
                Integer128<T>) {
    return value;
  } else if constexpr (std::is_same_v<T, Char8>) {
    // A byte of a longer character is no character.
    return std::uint32_t{value < 0x80 ? static_cast<std::uint32_t>(value) : 0xFFFDU};
  } else if constexpr (WideCharacter<T>) {
    return static_cast<std::uint32_t>(value);
  } else if constexpr (LongReal<T>) {
    return long_real_bits(static_cast<long double>(value));
  } else if constexpr (std::is_floating_point_v<T>) {
    return static_cast<double>(value);
  } else if constexpr (std::is_enum_v<T>) {
    return reduce_scalar(static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::is_integral_v<T>) {
    if constexpr (std::is_signed_v<T>) {
      return static_cast<std::conditional_t<sizeof(T) <= 4, std::int32_t, std::int64_t>>(value);
    } else {
      return static_cast<std::conditional_t<sizeof(T) <= 4, std::uint32_t, std::uint64_t>>(value);
    }
  } else if constexpr (Duration<T>) {
    return reduce_duration(value);
  } else if constexpr (TimePoint<T>) {
    return reduce_time(value);
  } else if constexpr (std::is_null_pointer_v<T>) {
    return std::uint64_t{0};
  } else {
    return static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(value));
  }
}

inline TextRef reduce_c_string(const char* text) {
  if (text == nullptr) return {"(null)", 6};
  return {text, std::strlen(text)};
}

template <class T>
constexpr TextRef reduce_text(const T& text) {
  if constexpr (std::is_same_v<typename T::traits_type::char_type, char>) {
    return {text.data() != nullptr ? text.data() : "", text.size()};
  } else {
    return {text.data() != nullptr ? reinterpret_cast<const char*>(text.data()) : "", text.size()};
  }
}

/// Returns the bytes of a string that is UTF-8 in memory.
template <Utf8Text T>
constexpr TextRef reduce_utf8(const T& value) {
  if constexpr (FilePath<T>) {
    return reduce_text(value.native());
  } else if constexpr (Text<T> || ByteText<T>) {
    return reduce_text(value);
  } else if constexpr (std::is_array_v<T>) {
    // An array that is not a literal need not end in a NUL.
    const char* const text = reinterpret_cast<const char*>(value);
    const void* const end = std::memchr(text, 0, sizeof value);
    const std::size_t size = end != nullptr
                                 ? static_cast<std::size_t>(static_cast<const char*>(end) - text)
                                 : sizeof value;
    return TextRef{text, size};
  } else {
    return reduce_c_string(reinterpret_cast<const char*>(value));
  }
}

/// Returns an argument's value as a scalar, a TextRef, a CompositeRef or a CompositeValue.
template <class T>
constexpr auto reduce(const T& value) {
  if constexpr (std::is_volatile_v<T> && std::is_scalar_v<T>) {
    return reduce(static_cast<std::remove_cv_t<T>>(value));
  } else if constexpr (ReferenceWrapper<T> && !Reducible<T>) {
    return reduce(shown_value(value));  // without a copy
  } else if constexpr (Converted<T>) {
    using Result = ConvertedTo<T>;
    if constexpr (Scalar<Result>) {
      return reduce_scalar<Result>(converted(value));
    } else if constexpr (scalar_bytes(kTypeCode<Result>.view()[0]) != 0) {
      return reduce<Result>(converted(value));
    } else {
      return CompositeValue<Result>{converted(value)};
    }
  } else if constexpr (Utf8Text<T>) {
    return reduce_utf8(value);
  } else if constexpr (Scalar<T>) {
    return reduce_scalar(value);
  } else {
    return CompositeRef<T>{value};
  }
}

/// The form of a reduced value in a record: kFixedBytes in its fixed part, and for a string or
/// composite the rest after that.
template <class R>
inline constexpr bool kIsText = std::is_same_v<R, TextRef>;
template <class R>
inline constexpr bool kIsComposite = std::is_class_v<R> && !kIsText<R>;
template <class R>
inline constexpr std::size_t kFixedBytes = std::is_class_v<R> ? sizeof(std::uint32_t) : sizeof(R);

/// A reduced argument with its key, if it has one; small enough for registers. Does not depend on
/// the original type, so that calls with the same reduced types share their cold code.
template <class V, std::size_t kKeySize>
struct ReducedArg {
  using Value = V;
  static constexpr std::size_t kKeyBytes = kKeySize;
  static constexpr std::size_t kFixed = kKeySize + kFixedBytes<V>;

  V value;
  const char* key;
};
template <class V>
struct ReducedArg<V, 0> {
  using Value = V;
  static constexpr std::size_t kKeyBytes = 0;
  static constexpr std::size_t kFixed = kFixedBytes<V>;

  V value;
};

template <class A>
constexpr auto reduce_arg(const A& arg) {
  using Reduced = decltype(reduce(Arg<A>::value(arg)));
  if constexpr (Arg<A>::kKeyBytes != 0) {
    return ReducedArg<Reduced, Arg<A>::kKeyBytes>{reduce(Arg<A>::value(arg)), Arg<A>::key(arg)};
  } else {
    return ReducedArg<Reduced, 0>{reduce(Arg<A>::value(arg))};
  }
}

/// Returns the bytes of the string of an argument; 0 when it has none.
template <class R>
inline std::size_t text_bytes(const R& arg) {
  if constexpr (kIsText<typename R::Value>) {
    return arg.value.size;
  } else {
    return 0;
  }
}

/// Puts the fixed part of one argument: the key, then the scalar or the length of what follows
/// later.
template <class R>
inline unsigned char* put_fixed(unsigned char* to, const R& arg) {
  using Reduced = typename R::Value;
  if constexpr (R::kKeyBytes != 0) std::memcpy(to, arg.key, R::kKeyBytes);
  to += R::kKeyBytes;
  if constexpr (kIsText<Reduced>) {
    const auto size = static_cast<std::uint32_t>(arg.value.size);
    std::memcpy(to, &size, sizeof size);
  } else {
    static_assert(!std::is_class_v<Reduced>);
    std::memcpy(to, &arg.value, sizeof arg.value);
  }
  return to + kFixedBytes<Reduced>;
}

/// Puts the string of an argument that has one. The caller has checked that it fits.
template <class R>
inline unsigned char* put_text(unsigned char* to, const R& arg) {
  if constexpr (kIsText<typename R::Value>) {
    std::memcpy(to, arg.value.at, arg.value.size);
    return to + arg.value.size;
  } else {
    return to;
  }
}

}  // namespace metlog
