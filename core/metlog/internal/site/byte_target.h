#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "metlog/internal/base/copy_bytes.h"
#include "metlog/internal/site/reduce.h"

namespace metlog {

/// Where encoded bytes go, and how many more may. Handed by value from one put to the next, so that
/// it stays in registers: a member would be stored and loaded again around every byte. (So would
/// the object of a call that is not inlined.) What does not fit is not put, nor anything behind
/// it.
///
/// A Layout says how many bytes lie on end from a place (room_at), and puts those that do not
/// (put_spanning), returning where the next go.
template <class Layout>
class ByteTarget {
 public:
  ByteTarget(unsigned char* at, std::size_t size)
      : at_(at), left_(static_cast<std::ptrdiff_t>(size)) {}

  [[nodiscard]] [[gnu::always_inline]] ByteTarget put(const void* bytes, std::size_t size) const {
    if (lies_on_end(size)) [[likely]]
      return put_here(bytes, size);
    return takes(size) ? put_spanning(bytes, size) : refused();
  }
  template <class T>
  [[nodiscard]] [[gnu::always_inline]] ByteTarget put_scalar(T scalar) const {
    if (lies_on_end(sizeof scalar)) [[likely]]
      return put_here(scalar);
    return takes(sizeof scalar) ? put_spanning(&scalar, sizeof scalar) : refused();
  }
  /// Its length (uint32) and its bytes.
  [[nodiscard]] [[gnu::always_inline]] ByteTarget put_text(TextRef text) const {
    const std::size_t size = sizeof(std::uint32_t) + text.size;
    const auto length = static_cast<std::uint32_t>(text.size);  // what is longer does not fit
    if (lies_on_end(size)) [[likely]]
      return put_here(length).put_here(text.at, text.size);
    if (!takes(size)) return refused();
    return put_spanning(&length, sizeof length).put_spanning(text.at, text.size);
  }

  /// Whether so many bytes fit, and lie on end here: they may go by put_here(), which does not ask.
  [[nodiscard]] bool lies_on_end(std::size_t size) const {
    return takes(size) && size <= Layout::room_at(at_);
  }
  [[nodiscard]] [[gnu::always_inline]] ByteTarget put_here(const void* bytes,
                                                           std::size_t size) const {
    copy_bytes(at_, bytes, size);
    return {at_ + size, left_ - signed_size(size)};
  }
  template <class T>
  [[nodiscard]] [[gnu::always_inline]] ByteTarget put_here(T scalar) const {
    std::memcpy(at_, &scalar, sizeof scalar);
    return {at_ + sizeof scalar, left_ - signed_size(sizeof scalar)};
  }

  /// For what must not be put: from here on nothing fits.
  [[nodiscard]] ByteTarget refused() const { return {at_, std::ptrdiff_t{-1}}; }
  [[nodiscard]] bool fits() const { return left_ >= 0; }
  /// Where the next byte will go.
  [[nodiscard]] unsigned char* at() const { return at_; }
  /// How many more may; only while everything fitted.
  [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(left_); }

 private:
  ByteTarget(unsigned char* at, std::ptrdiff_t left) : at_(at), left_(left) {}

  [[nodiscard]] ByteTarget put_spanning(const void* bytes, std::size_t size) const {
    return {Layout::put_spanning(at_, bytes, size), left_ - signed_size(size)};
  }

  // Sizes are of things in memory, and so below 2^63.
  static std::ptrdiff_t signed_size(std::size_t size) { return static_cast<std::ptrdiff_t>(size); }
  [[nodiscard]] bool takes(std::size_t size) const { return signed_size(size) <= left_; }

  unsigned char* at_;
  std::ptrdiff_t left_;  // below 0 once something did not fit
};

/// Bytes on end.
struct FlatLayout {
  static constexpr std::size_t room_at(const unsigned char*) { return SIZE_MAX; }
  static unsigned char* put_spanning(unsigned char* at, const void*, std::size_t) { return at; }
};
using FlatTarget = ByteTarget<FlatLayout>;

}  // namespace metlog
