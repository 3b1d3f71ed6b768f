#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "metlog/internal/ring/record_bytes.h"
#include "metlog/internal/site/composite.h"

namespace metlog {

/// A reduced argument with its key, if it has one; small enough to travel in registers. Knows
/// nothing of the argument's own type, so that calls alike in this share their cold code.
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

template <class R>
inline std::size_t text_bytes(const R& arg) {
  if constexpr (kIsText<typename R::Value>) {
    return arg.value.size;
  } else {
    return 0;
  }
}

/// The fixed part of one argument: key, then the scalar or the length of what stands behind.
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

/// The text of an argument that has one, in the cell where there is room for it.
template <class R>
inline unsigned char* put_text(unsigned char* to, const R& arg) {
  if constexpr (kIsText<typename R::Value>) {
    std::memcpy(to, arg.value.at, arg.value.size);
    return to + arg.value.size;
  } else {
    return to;
  }
}

/// The text of the one argument that has one.
template <class... R>
inline const char* one_text(const R&... args) {
  const char* text = nullptr;
  const auto look = [&](const auto& arg) {
    if constexpr (kIsText<typename std::remove_cvref_t<decltype(arg)>::Value>) text = arg.value.at;
  };
  (look(args), ...);
  return text;
}

/// The text of an argument that has one, as a piece of the record; returns how many there are.
template <class R>
inline std::size_t add_text(Bytes* pieces, std::size_t count, const R& arg) {
  if constexpr (kIsText<typename R::Value>) pieces[count++] = {arg.value.at, arg.value.size};
  return count;
}

/// The bytes of a composite argument; empty for any other.
template <class R>
TextRef encode_composite(CompositeWriter& writer, const R& arg) {
  using Reduced = typename R::Value;
  if constexpr (kIsComposite<Reduced>) {
    const unsigned char* const begin = writer.at();
    if constexpr (requires { requires Text<decltype(arg.value.value)>; }) {
      writer.write_whole_text(reduce_text(arg.value.value));
    } else {
      writer.write(arg.value.value);
    }
    return {reinterpret_cast<const char*>(begin), static_cast<std::size_t>(writer.at() - begin)};
  } else {
    return {"", 0};
  }
}

/// A composite argument as the text that it was encoded to; any other as it is.
template <class V, std::size_t kKeySize>
constexpr auto as_text(const ReducedArg<V, kKeySize>& arg, TextRef encoded) {
  if constexpr (!kIsComposite<V>) {
    return arg;
  } else if constexpr (kKeySize != 0) {
    return ReducedArg<TextRef, kKeySize>{encoded, arg.key};
  } else {
    return ReducedArg<TextRef, 0>{encoded};
  }
}

}  // namespace metlog
