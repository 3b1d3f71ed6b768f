#pragma once

#include <cstddef>
#include <cstdint>
#include <tuple>

#include "metlog/internal/site/byte_target.h"
#include "metlog/internal/site/reduce.h"
#include "metlog/internal/site/wide_text.h"

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

/// Encodes an element as the type that its range is described by, which may be another than the
/// iterator gives: vector<bool> gives a proxy.
template <class Range, class Target, class T>
Target put_element(Target to, const T& element) {
  using Type = typename RangeElement<Range>::Type;
  if constexpr (std::is_same_v<std::remove_cv_t<T>, Type>) {
    return put_value(to, element);
  } else {
    return put_value(to, static_cast<const Type&>(element));
  }
}

/// Encodes a range whose count is known only at its end, which may never come. Its elements go to
/// contiguous bytes. Refuses a range whose elements do not fit.
template <class T>
FlatTarget put_counted(FlatTarget to, T& range) {
  constexpr std::uint32_t kMaxEmptyElements = 1 << 16;  // elements that take no bytes
  unsigned char* const count_at = to.at();
  to = to.put_scalar(std::uint32_t{0});
  std::uint32_t count = 0;
  for (auto&& element : range) {
    if (!to.fits()) return to;
    to = put_element<T>(to, element);
    if (++count == kMaxEmptyElements) return to.refused();
  }
  if (to.fits()) std::memcpy(count_at, &count, sizeof count);
  return to;
}

template <class Target, class T>
Target put_range(Target to, const T& range) {
  if constexpr (!Iterable<const T>) {
    T copy(range);
    return put_counted(to, copy);
  } else if constexpr (std::is_array_v<T>) {
    return put_elements(to, range, std::extent_v<T>);
  } else if constexpr (SizedRange<T>) {
    // An element takes a byte or more. One of the huge views that say their size, iota(0, n), ends
    // where the room does.
    if (!to.fits() || range.size() > to.left()) return put_counted(to, range);
    to = to.put_scalar(clamp_size(range.size()));
    for (const auto& element : range) to = put_element<T>(to, element);
    return to;
  } else {
    return put_counted(to, range);
  }
}

template <class Target, class T, std::size_t... I>
Target put_alternative(Target to, const T& value, std::index_sequence<I...>) {
  const std::size_t index = value.valueless_by_exception() ? UINT8_MAX : value.index();
  to = to.put_scalar(static_cast<std::uint8_t>(index));
  const auto put_one = [&](const auto& alternative) {
    using Type = std::remove_cvref_t<decltype(alternative)>;
    if constexpr (kIsEmptyAlternative<Type>) {
      to = to.put_scalar(std::uint8_t{0});
    } else {
      to = put_value(to, alternative);
    }
  };
  (void)((index == I && (put_one(get<I>(value)), true)) || ...);
  return to;
}

template <class Target, class T>
Target put_value(Target to, const T& value) {
  if constexpr (std::is_volatile_v<T> && std::is_scalar_v<T>) {
    return put_value(to, static_cast<std::remove_cv_t<T>>(value));
  } else if constexpr (Converted<T>) {
    return put_value(to, static_cast<const ConvertedTo<T>&>(converted(value)));
  } else if constexpr (RuntimeTyped<T>) {
    return put_runtime_typed(to, value);
  } else if constexpr (Utf8Text<T>) {
    return to.put_text(reduce_utf8(value));
  } else if constexpr (ConvertedText<T>) {
    const auto text = wide_span(value);
    return put_utf8(to.put_scalar(clamp_size(utf8_bytes(text))), text);
  } else if constexpr (Scalar<T>) {
    return to.put_scalar(reduce_scalar(value));
  } else if constexpr (Optional<T>) {
    const bool is_present = value.has_value();
    to = to.put_scalar(static_cast<std::uint8_t>(is_present));
    return is_present ? put_value(to, static_cast<const typename T::value_type&>(*value)) : to;
  } else if constexpr (Variant<T>) {
    return put_alternative(to, value, std::make_index_sequence<kAlternatives<T>>());
  } else if constexpr (Map<T>) {
    to = to.put_scalar(clamp_size(value.size()));
    for (const auto& [key, mapped] : value) to = put_value(put_value(to, key), mapped);
    return to;
  } else if constexpr (Range<T>) {
    return put_range(to, value);
  } else if constexpr (Tuple<T>) {
    const auto put_each = [&](const auto&... element) { ((to = put_value(to, element)), ...); };
    std::apply(put_each, value);
    return to;
  } else {
    return to;  // type_code_of() has stopped the compiler
  }
}

/// Encodes a string that is a whole argument: its bytes without a length.
template <class Target, class T>
Target put_whole_text(Target to, const T& value) {
  if constexpr (Converted<T>) {
    return put_whole_text(to, static_cast<const ConvertedTo<T>&>(converted(value)));
  } else if constexpr (ConvertedText<T>) {
    return put_utf8(to, wide_span(value));
  } else {
    const TextRef text = reduce_utf8(value);
    return to.put(text.at, text.size);
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

  void write_whole_text(TextRef text) { to_ = to_.put(text.at, text.size); }
  template <class T>
  void write_whole_text_of(const T& value) {
    to_ = put_whole_text(to_, value);
  }

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
    using Written = std::remove_cvref_t<decltype(arg.value.value)>;
    if constexpr (kTypeCode<Written>.view() == "s" && !RuntimeTyped<Written>) {
      writer.write_whole_text_of(arg.value.value);
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
