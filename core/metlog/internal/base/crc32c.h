#pragma once

#include <cstddef>
#include <cstdint>

namespace metlog {

/// CRC-32C (Castagnoli, RFC 3720), piece by piece: begin with kCrc32cStart, end with crc32c_end().
inline constexpr std::uint32_t kCrc32cStart = ~std::uint32_t{0};

/// The state after `size` more bytes. Uses the processor's instruction where there is one.
std::uint32_t crc32c_continue(std::uint32_t state, const unsigned char* bytes, std::size_t size);

constexpr std::uint32_t crc32c_end(std::uint32_t state) { return ~state; }

/// Of bytes in one piece.
inline std::uint32_t crc32c(const unsigned char* bytes, std::size_t size) {
  return crc32c_end(crc32c_continue(kCrc32cStart, bytes, size));
}

}  // namespace metlog
