#pragma once

#include <cstddef>
#include <cstring>

namespace metlog {

/// memcpy() for what is short more often than not: up to 64 bytes go by a few moves that overlap,
/// without a call. `from` may be null when there is nothing to copy.
[[gnu::always_inline]] inline void copy_bytes(unsigned char* to, const void* source,
                                              std::size_t size) {
  const auto* from = static_cast<const unsigned char*>(source);
  // g++ follows it back to a literal at times, and warns of lengths that never come; so it does of
  // sizes below that the caller has ruled out.
  __asm__("" : "+r"(from));
  // The first and the last `kPart` bytes; together all of 1 to 2 kParts.
  const auto copy_ends = [&]<std::size_t kPart>() {
    unsigned char first[kPart];
    unsigned char last[kPart];
    std::memcpy(first, from, kPart);
    std::memcpy(last, from + size - kPart, kPart);
    std::memcpy(to, first, kPart);
    std::memcpy(to + size - kPart, last, kPart);
  };
  if (size > 64) {
    __asm__("" : "+r"(size));
    std::memcpy(to, from, size);
  } else if (size >= 32) {
    copy_ends.template operator()<32>();
  } else if (size >= 16) {
    copy_ends.template operator()<16>();
  } else if (size >= 8) {
    copy_ends.template operator()<8>();
  } else if (size >= 4) {
    copy_ends.template operator()<4>();
  } else if (size >= 2) {
    copy_ends.template operator()<2>();
  } else if (size == 1) {
    *to = *from;
  }
}

}  // namespace metlog
