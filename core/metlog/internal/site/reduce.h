#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "metlog/internal/site/arg_role.h"
#include "metlog/internal/site/type_code.h"

namespace metlog {

/// Arguments are reduced to these before a cell is touched: an argument that logs, throws or jumps
/// out cannot leave a half-written record behind.

/// A text; its bytes stand behind the record's fixed part, which holds the length in 32 bits: what
/// is longer than these can say is too big for a record anyway.
struct TextRef {
  const char* at;  // never null, not even when empty: memcpy() would mind
  std::size_t size;
};

/// A container, tuple, optional: encoded by composite.h, then like a text.
template <class T>
struct CompositeRef {
  const T& value;
};

/// What a user's metlog_reduce() returned, kept alive until its bytes are copied.
template <class T>
struct Held {
  T value;
};

constexpr std::uint32_t clamp_size(std::size_t size) {
  return size < UINT32_MAX ? static_cast<std::uint32_t>(size) : UINT32_MAX;
}

/// The form in which a record holds a scalar: widened to 4 or 8 bytes, see type_code.h.
template <Scalar T>
constexpr auto reduce_scalar(const T& value) {
  if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, char> || std::is_same_v<T, float>) {
    return value;
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
    if constexpr (kTypeCode<T>.view()[0] == 'D') {
      return static_cast<std::int64_t>(value.count());
    } else if constexpr (unit_letter<typename T::period>() != 0) {
      return static_cast<double>(value.count());
    } else {
      return static_cast<double>(value.count()) * static_cast<double>(T::period::num) /
             static_cast<double>(T::period::den);
    }
  } else if constexpr (TimePoint<T>) {
    using Span = std::remove_cvref_t<decltype(value.time_since_epoch())>;
    constexpr std::intmax_t kNs = 1000000000;
    const auto count = value.time_since_epoch().count();
    if constexpr (std::is_integral_v<typename Span::rep> && kNs % Span::period::den == 0) {
      constexpr std::int64_t kFactor = kNs / Span::period::den * Span::period::num;
      constexpr std::int64_t kMax = INT64_MAX / kFactor;
      if constexpr (kFactor == 1) return static_cast<std::int64_t>(count);
      // As far as 64 bits of ns go: sys_seconds::max() is a usual way to say "never".
      return (count > kMax ? kMax : count < -kMax ? -kMax : std::int64_t{count}) * kFactor;
    } else {
      return static_cast<std::int64_t>(static_cast<long double>(count) * kNs * Span::period::num /
                                       Span::period::den);
    }
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
  return {text.data() != nullptr ? text.data() : "", text.size()};
}

/// An argument's value as a scalar, a TextRef, a CompositeRef or a Held.
template <class T>
constexpr auto reduce(const T& value) {
  if constexpr (Reducible<T>) {
    using Result = std::remove_cvref_t<decltype(metlog_reduce(value))>;
    if constexpr (Scalar<Result>) {
      return reduce_scalar(metlog_reduce(value));
    } else {
      return Held<Result>{metlog_reduce(value)};
    }
  } else if constexpr (std::is_array_v<T> && CString<T>) {
    // An array that is not a literal need not end in a NUL.
    const void* const end = std::memchr(value, 0, sizeof value);
    const std::size_t size = end != nullptr
                                 ? static_cast<std::size_t>(static_cast<const char*>(end) - value)
                                 : sizeof value;
    return TextRef{value, size};
  } else if constexpr (CString<T>) {
    return reduce_c_string(value);
  } else if constexpr (Text<T>) {
    return reduce_text(value);
  } else if constexpr (Scalar<T>) {
    return reduce_scalar(value);
  } else {
    return CompositeRef<T>{value};
  }
}

/// The reduced form's place in a record.
template <class R>
inline constexpr bool kIsText = std::is_same_v<R, TextRef>;
template <class R>
inline constexpr bool kIsComposite = std::is_class_v<R> && !kIsText<R>;
template <class R>
inline constexpr std::size_t kFixedBytes = std::is_class_v<R> ? sizeof(std::uint32_t) : sizeof(R);

/// An argument's role, key and value, whatever wrapper it came in.
template <class A>
struct Arg {
  static constexpr ArgRole kRole = ArgRole::kText;
  static constexpr std::size_t kKeyBytes = 0;
  using Value = A;
  static constexpr const Value& value(const A& arg) { return arg; }
  static constexpr const char* key(const A&) { return nullptr; }
};
template <std::size_t N, class T>
struct Arg<KeyValue<N, T>> {
  static constexpr ArgRole kRole = ArgRole::kField;
  static constexpr std::size_t kKeyBytes = N - 1;
  using Value = T;
  static constexpr const Value& value(const KeyValue<N, T>& arg) { return arg.value; }
  static constexpr const char* key(const KeyValue<N, T>& arg) { return arg.key; }
};
template <ArgRole kTag, class T>
struct Arg<Tagged<kTag, T>> {
  static constexpr ArgRole kRole = kTag;
  static constexpr std::size_t kKeyBytes = 0;
  using Value = T;
  static constexpr const Value& value(const Tagged<kTag, T>& arg) { return arg.value; }
  static constexpr const char* key(const Tagged<kTag, T>&) { return nullptr; }
};
template <class A, ArgRole kTag, class V, V A::*kMember>
struct StructArg {
  static constexpr ArgRole kRole = kTag;
  static constexpr std::size_t kKeyBytes = 0;
  using Value = V;
  static constexpr const Value& value(const A& arg) { return arg.*kMember; }
  static constexpr const char* key(const A&) { return nullptr; }
};
template <>
struct Arg<Rate> : StructArg<Rate, ArgRole::kRate, double, &Rate::share> {};
template <>
struct Arg<SeverityArg>
    : StructArg<SeverityArg, ArgRole::kSeverity, std::int32_t, &SeverityArg::number> {};
template <>
struct Arg<Elapsed> : StructArg<Elapsed, ArgRole::kElapsed, std::uint64_t, &Elapsed::ticks> {};

}  // namespace metlog
