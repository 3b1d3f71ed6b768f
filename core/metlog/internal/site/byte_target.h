#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "metlog/internal/base/copy_bytes.h"
#include "metlog/internal/site/reduce.h"

namespace metlog {

/// The place where encoded bytes go, and the number of bytes that still fit. Passed by value from
/// one put to the next, so that it stays in registers: a member, or the object of a call that is
/// not inlined, would be stored and loaded again around every byte. A value that does not fit is
/// not put, and neither is anything after it.
///
/// A Layout says how many bytes are contiguous from a place (contiguous_at), and puts those that
/// are not (put_spanning); that returns where the next bytes go.
template <class Layout>
class ByteTarget {
 public:
  ByteTarget(unsigned char* at, std::size_t size)
      : at_(at), left_(static_cast<std::ptrdiff_t>(size)) {}

  [[nodiscard]] [[gnu::always_inline]] ByteTarget put(const void* bytes, std::size_t size) const {
    if (fits_contiguously(size)) [[likely]]
      return put_unchecked(bytes, size);
    return takes(size) ? put_spanning(bytes, size) : refused();
  }
  template <class T>
  [[nodiscard]] [[gnu::always_inline]] ByteTarget put_scalar(T scalar) const {
    if (fits_contiguously(sizeof scalar)) [[likely]]
      return put_unchecked(scalar);
    return takes(sizeof scalar) ? put_spanning(&scalar, sizeof scalar) : refused();
  }
  /// Puts the length of the string (uint32) and its bytes.
  [[nodiscard]] [[gnu::always_inline]] ByteTarget put_text(TextRef text) const {
    const std::size_t size = sizeof(std::uint32_t) + text.size;
    const auto length = static_cast<std::uint32_t>(text.size);  // a longer string does not fit
    if (fits_contiguously(size)) [[likely]]
      return put_unchecked(length).put_unchecked(text.at, text.size);
    if (!takes(size)) return refused();
    return put_spanning(&length, sizeof length).put_spanning(text.at, text.size);
  }

  /// True when `size` bytes fit and are contiguous here; they may then go by put_unchecked().
  [[nodiscard]] bool fits_contiguously(std::size_t size) const {
    return takes(size) && size <= Layout::contiguous_at(at_);
  }
  [[nodiscard]] [[gnu::always_inline]] ByteTarget put_unchecked(const void* bytes,
                                                                std::size_t size) const {
    copy_bytes(at_, bytes, size);
    return {at_ + size, left_ - signed_size(size)};
  }
  template <class T>
  [[nodiscard]] [[gnu::always_inline]] ByteTarget put_unchecked(T scalar) const {
    std::memcpy(at_, &scalar, sizeof scalar);
    return {at_ + sizeof scalar, left_ - signed_size(sizeof scalar)};
  }

  /// Returns a target that takes nothing more: for a value that must not be put.
  [[nodiscard]] ByteTarget refused() const { return {at_, std::ptrdiff_t{-1}}; }
  [[nodiscard]] bool fits() const { return left_ >= 0; }
  /// The place of the next byte.
  [[nodiscard]] unsigned char* at() const { return at_; }
  /// The number of bytes that still fit. Requires fits().
  [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(left_); }

 private:
  ByteTarget(unsigned char* at, std::ptrdiff_t left) : at_(at), left_(left) {}

  [[nodiscard]] ByteTarget put_spanning(const void* bytes, std::size_t size) const {
    return {Layout::put_spanning(at_, bytes, size), left_ - signed_size(size)};
  }

  // Sizes of objects in memory are below 2^63.
  static std::ptrdiff_t signed_size(std::size_t size) { return static_cast<std::ptrdiff_t>(size); }
  [[nodiscard]] bool takes(std::size_t size) const { return signed_size(size) <= left_; }

  unsigned char* at_;
  std::ptrdiff_t left_;  // below 0 once something did not fit
};

/// Contiguous bytes.
struct FlatLayout {
  static constexpr std::size_t contiguous_at(const unsigned char*) { return SIZE_MAX; }
  static unsigned char* put_spanning(unsigned char* at, const void*, std::size_t) { return at; }
};
using FlatTarget = ByteTarget<FlatLayout>;

}  // namespace metlog
