#pragma once

#include <cstddef>
#include <cstdint>
#include <tuple>

#include "metlog/internal/site/byte_target.h"
#include "metlog/internal/site/reduce.h"

namespace metlog {

/// Encodes a value of any type that a call takes. A string is its length (uint32) and its bytes. A
/// sequence or map is its count (uint32) and its elements. An optional is a byte, 0 or 1, and its
/// value.
template <class Target, class T>
Target put_value(Target to, const T& value);

/// Encodes a sequence whose elements are contiguous.
template <class Target, class T>
Target put_elements(Target to, const T* elements, std::size_t count) {
  to = to.put_scalar(clamp_size(count));
  for (const T* const end = elements + count; elements != end; ++elements) {
    to = put_value(to, *elements);
  }
  return to;
}

template <class Target, class T>
Target put_value(Target to, const T& value) {
  if constexpr (Reducible<T>) {
    return put_value(to, metlog_reduce(value));
  } else if constexpr (RuntimeTyped<T>) {
    return put_runtime_typed(to, value);
  } else if constexpr (Text<T>) {
    return to.put_text(reduce_text(value));
  } else if constexpr (CString<T>) {
    return to.put_text(reduce(value));
  } else if constexpr (Scalar<T>) {
    return to.put_scalar(reduce_scalar(value));
  } else if constexpr (Map<T>) {
    to = to.put_scalar(clamp_size(value.size()));
    for (const auto& [key, mapped] : value) to = put_value(put_value(to, key), mapped);
    return to;
  } else if constexpr (Range<T>) {
    to = to.put_scalar(clamp_size(value.size()));
    // The cast turns vector<bool>'s proxies into bools.
    for (const auto& element : value) {
      to = put_value(to, static_cast<const typename T::value_type&>(element));
    }
    return to;
  } else if constexpr (Tuple<T>) {
    const auto put_each = [&](const auto&... element) { ((to = put_value(to, element)), ...); };
    std::apply(put_each, value);
    return to;
  } else {
    const bool is_present = value.has_value();
    to = to.put_scalar(static_cast<std::uint8_t>(is_present));
    return is_present ? put_value(to, *value) : to;
  }
}

/// Encodes containers, tuples and optionals into contiguous bytes, on the calling thread's stack,
/// before a cell is touched.
class CompositeWriter {
 public:
  CompositeWriter(unsigned char* begin, std::size_t size) : begin_(begin), to_(begin, size) {}

  /// Maximum of bytes that the composite arguments of a call take together; a call with more is
  /// counted as too big.
  static constexpr std::size_t kMaxBytes = 16 * 1024;

  template <class T>
  void write(const T& value) {
    to_ = put_value(to_, value);
  }

  /// Writes a string that is the whole argument: its bytes without a length.
  void write_whole_text(TextRef text) { to_ = to_.put(text.at, text.size); }

  [[nodiscard]] bool fits() const { return to_.fits(); }
  /// The place of the next value.
  [[nodiscard]] const unsigned char* at() const { return to_.at(); }
  /// Bytes written so far, without the value that did not fit.
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(to_.at() - begin_); }

 private:
  unsigned char* begin_;
  FlatTarget to_;
};

/// Writes a composite argument and returns its bytes; empty for any other argument.
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

/// Returns a composite argument as the string that it was encoded to, any other argument unchanged.
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
