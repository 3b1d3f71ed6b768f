#pragma once

#include <cstddef>
#include <cstring>

namespace metlog {

/// memcpy() for what is short more often than not: up to 64 bytes go by a few moves that overlap,
/// without a call. The two must not overlap; `source` may be null when there is nothing to copy.
[[gnu::always_inline]] inline void copy_bytes(unsigned char* to, const void* source,
                                              std::size_t size) {
  const auto* from = static_cast<const unsigned char*>(source);
  // g++ follows it back to a literal at times, and warns of lengths that never come; so it does of
  // sizes below that the caller has ruled out.
  __asm__("" : "+r"(from));
  // The first and the last `kPart` bytes; together all of 1 to 2 kParts.
  const auto copy_ends = [&]<std::size_t kPart>() {
    std::memcpy(to, from, kPart);
    std::memcpy(to + size - kPart, from + size - kPart, kPart);
  };
  // The shortest by the fewest branches: keys and names.
  if (size <= 16) {
    if (size >= 8) return copy_ends.template operator()<8>();
    if (size >= 4) return copy_ends.template operator()<4>();
    if (size == 0) return;
    to[0] = from[0];
    to[size / 2] = from[size / 2];
    to[size - 1] = from[size - 1];
  } else if (size <= 32) {
    copy_ends.template operator()<16>();
  } else if (size <= 64) {
    copy_ends.template operator()<32>();
  } else {
    __asm__("" : "+r"(size));
    std::memcpy(to, from, size);
  }
}

}  // namespace metlog
