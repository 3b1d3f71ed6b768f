#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <tuple>

#include "metlog/base/copy_bytes.h"
#include "metlog/message/reduce.h"

namespace metlog {

/// Encodes containers, tuples and optionals into bytes, on the calling thread's stack, before a
/// cell is touched. Inside such bytes a text is its length (uint32) and its bytes, a sequence or
/// map its count (uint32) and its elements, an optional a byte 0 or 1 and its value.
class CompositeWriter {
 public:
  CompositeWriter(unsigned char* begin, std::size_t size)
      : begin_(begin), to_{begin, begin + size} {}

  /// The most a call's composite arguments may take together, in bytes; what is longer is counted
  /// as too big.
  static constexpr std::size_t kMaxBytes = 16 * 1024;

  template <class T>
  void write(const T& value) {
    to_ = put_value(to_, value);
  }

  /// A text that stands for the whole argument: its bytes alone.
  void write_whole_text(TextRef text) { to_ = put(to_, text.at, text.size); }

  /// For what must not be written: from here on nothing fits.
  void refuse() { to_.end = nullptr; }

  [[nodiscard]] bool fits() const { return to_.end != nullptr; }
  /// Where the next value will begin.
  [[nodiscard]] const unsigned char* at() const { return to_.at; }
  /// Bytes written so far, cut where they stopped fitting.
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(to_.at - begin_); }

 private:
  // Goes by value from one put to the next, so that it stays in registers: a member would be
  // stored and loaded again around every byte that is written.
  struct Target {
    unsigned char* at;
    unsigned char* end;  // null once something did not fit
  };

  static Target put(Target to, const void* bytes, std::size_t size) {
    if (to.end == nullptr || size > static_cast<std::size_t>(to.end - to.at))
      return {to.at, nullptr};
    copy_bytes(to.at, bytes, size);
    return {to.at + size, to.end};
  }
  template <class T>
  static Target put_scalar(Target to, T scalar) {
    if (to.end == nullptr || sizeof scalar > static_cast<std::size_t>(to.end - to.at)) {
      return {to.at, nullptr};
    }
    std::memcpy(to.at, &scalar, sizeof scalar);
    return {to.at + sizeof scalar, to.end};
  }
  static Target put_text(Target to, TextRef text) {
    return put(put_scalar(to, clamp_size(text.size)), text.at, text.size);
  }

  template <class T>
  static Target put_value(Target to, const T& value) {
    if constexpr (Reducible<T>) {
      return put_value(to, metlog_reduce(value));
    } else if constexpr (Text<T>) {
      return put_text(to, reduce_text(value));
    } else if constexpr (CString<T>) {
      return put_text(to, reduce(value));
    } else if constexpr (Scalar<T>) {
      return put_scalar(to, reduce_scalar(value));
    } else if constexpr (Map<T>) {
      to = put_scalar(to, clamp_size(value.size()));
      for (const auto& [key, mapped] : value) to = put_value(put_value(to, key), mapped);
      return to;
    } else if constexpr (Range<T>) {
      to = put_scalar(to, clamp_size(value.size()));
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
      to = put_scalar(to, static_cast<std::uint8_t>(is_present));
      return is_present ? put_value(to, *value) : to;
    }
  }

  unsigned char* begin_;
  Target to_;
};

}  // namespace metlog
