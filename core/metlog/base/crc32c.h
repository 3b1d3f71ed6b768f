#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace metlog {

namespace crc32c_table {
constexpr std::array<std::uint32_t, 256> make() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
    table[byte] = crc;
  }
  return table;
}
inline constexpr std::array<std::uint32_t, 256> kTable = make();
}  // namespace crc32c_table

/// CRC-32C (Castagnoli, RFC 3720), for what is written seldom.
constexpr std::uint32_t crc32c(const unsigned char* bytes, std::size_t size) {
  std::uint32_t crc = ~std::uint32_t{0};
  for (std::size_t i = 0; i < size; ++i) {
    crc = crc >> 8 ^ crc32c_table::kTable[(crc ^ bytes[i]) & 0xff];
  }
  return ~crc;
}

}  // namespace metlog
