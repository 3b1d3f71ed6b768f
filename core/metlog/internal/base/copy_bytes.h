#pragma once

#include <cstddef>
#include <cstring>

namespace metlog {

/// memcpy() for mostly short sizes: up to 64 bytes take a few overlapping moves and no call. Source
/// and target must not overlap; `source` may be null when `size` is 0.
[[gnu::always_inline]] inline void copy_bytes(unsigned char* to, const void* source,
                                              std::size_t size) {
  const auto* from = static_cast<const unsigned char*>(source);
  // Hides the source, and below the size, from g++: it would warn about lengths that never occur.
  __asm__("" : "+r"(from));
  // The first and the last `kPart` bytes; together they cover kPart to 2 kPart bytes.
  const auto copy_ends = [&]<std::size_t kPart>() {
    std::memcpy(to, from, kPart);
    std::memcpy(to + size - kPart, from + size - kPart, kPart);
  };
  // The shortest sizes, keys and names, take the fewest branches.
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
