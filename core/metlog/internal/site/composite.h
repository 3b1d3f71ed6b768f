#pragma once

#include <cstddef>
#include <cstdint>
#include <tuple>

#include "metlog/internal/site/byte_target.h"
#include "metlog/internal/site/reduce.h"

namespace metlog {

/// Encodes a value of any type that a call takes. A text is its length (uint32) and its bytes, a
/// sequence or map its count (uint32) and its elements, an optional a byte 0 or 1 and its value.
template <class Target, class T>
Target put_value(Target to, const T& value);

/// The same of a sequence whose elements lie on end.
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

/// Encodes containers, tuples and optionals into bytes, on the calling thread's stack, before a
/// cell is touched.
class CompositeWriter {
 public:
  CompositeWriter(unsigned char* begin, std::size_t size) : begin_(begin), to_(begin, size) {}

  /// The most a call's composite arguments may take together, in bytes; what is longer is counted
  /// as too big.
  static constexpr std::size_t kMaxBytes = 16 * 1024;

  template <class T>
  void write(const T& value) {
    to_ = put_value(to_, value);
  }

  /// A text that stands for the whole argument: its bytes alone.
  void write_whole_text(TextRef text) { to_ = to_.put(text.at, text.size); }

  [[nodiscard]] bool fits() const { return to_.fits(); }
  /// Where the next value will begin.
  [[nodiscard]] const unsigned char* at() const { return to_.at(); }
  /// Bytes written so far, cut where they stopped fitting.
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(to_.at() - begin_); }

 private:
  unsigned char* begin_;
  FlatTarget to_;
};

}  // namespace metlog
