#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <tuple>

#include "metlog/message/reduce.h"

namespace metlog {

/// Encodes containers, tuples and optionals into bytes, on the calling thread's stack, before a
/// cell is touched. Inside such bytes a text is its length (uint32) and its bytes, a sequence or
/// map its count (uint32) and its elements, an optional a byte 0 or 1 and its value.
class CompositeWriter {
 public:
  CompositeWriter(unsigned char* begin, std::size_t size)
      : begin_(begin), at_(begin), end_(begin + size) {}

  /// The most a call's composite arguments may take together, in bytes; what is longer is counted
  /// as too big.
  static constexpr std::size_t kMaxBytes = 16 * 1024;

  template <class T>
  void write(const T& value) {
    if constexpr (Reducible<T>) {
      write(metlog_reduce(value));
    } else if constexpr (Text<T>) {
      write_text(reduce_text(value));
    } else if constexpr (CString<T>) {
      write_text(reduce(value));
    } else if constexpr (Scalar<T>) {
      const auto scalar = reduce_scalar(value);
      put(&scalar, sizeof scalar);
    } else if constexpr (Map<T>) {
      put_count(value.size());
      for (const auto& [key, mapped] : value) {
        write(key);
        write(mapped);
      }
    } else if constexpr (Range<T>) {
      put_count(value.size());
      // The cast turns vector<bool>'s proxies into bools.
      for (const auto& element : value) write(static_cast<const typename T::value_type&>(element));
    } else if constexpr (Tuple<T>) {
      std::apply([this](const auto&... element) { (this->write(element), ...); }, value);
    } else {
      const std::uint8_t present = value.has_value() ? 1 : 0;
      put(&present, 1);
      if (present != 0) write(*value);
    }
  }

  /// A text that stands for the whole argument: its bytes alone.
  void write_whole_text(TextRef text) { put(text.at, text.size); }

  [[nodiscard]] bool fits() const { return !overflowed_; }
  /// Where the next value will begin.
  [[nodiscard]] const unsigned char* at() const { return at_; }
  /// Bytes written so far, cut where they stopped fitting.
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(at_ - begin_); }

 private:
  void put_count(std::size_t count) {
    const std::uint32_t number = clamp_size(count);
    put(&number, sizeof number);
  }
  void write_text(TextRef text) {
    put_count(text.size);
    put(text.at, text.size);
  }
  void put(const void* bytes, std::size_t size) {
    if (size > static_cast<std::size_t>(end_ - at_) || overflowed_) {
      overflowed_ = true;
      return;
    }
    if (size != 0) std::memcpy(at_, bytes, size);
    at_ += size;
  }

  unsigned char* begin_;
  unsigned char* at_;
  unsigned char* end_;
  bool overflowed_ = false;
};

}  // namespace metlog
