#pragma once

#include <cstddef>
#include <cstdint>

namespace metlog {

/// CRC-32C (Castagnoli, RFC 3720), piece by piece: begin with kCrc32cStart, end with crc32c_end().
inline constexpr std::uint32_t kCrc32cStart = ~std::uint32_t{0};

/// Returns the state after `size` more bytes. Uses the processor's instruction if it has one.
std::uint32_t crc32c_continue(std::uint32_t state, const unsigned char* bytes, std::size_t size);

constexpr std::uint32_t crc32c_end(std::uint32_t state) { return ~state; }

/// Returns the CRC of contiguous bytes.
inline std::uint32_t crc32c(const unsigned char* bytes, std::size_t size) {
  return crc32c_end(crc32c_continue(kCrc32cStart, bytes, size));
}

}  // namespace metlog
