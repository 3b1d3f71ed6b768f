#pragma once

#include <cstddef>

namespace metlog {

/// One step through UTF-8: a whole character, or the maximal subpart of one that is broken.
struct Utf8Sequence {
  std::size_t bytes;  // 1 to 4, never more than there are
  bool is_valid;
};

/// Reads the sequence at `in`, whose first byte is 0x80 or above; `left` bytes, at least one, are
/// there. The ranges are those of the Unicode standard, table 3-7: no overlong form, no surrogate,
/// nothing above U+10FFFF.
[[nodiscard]] inline Utf8Sequence read_utf8_sequence(const char* in, std::size_t left) {
  const auto lead = static_cast<unsigned char>(*in);
  if (lead < 0xC2 || lead > 0xF4) return {1, false};
  const std::size_t bytes = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (std::size_t i = 1; i < bytes; ++i) {
    if (i == left) return {i, false};
    const auto next = static_cast<unsigned char>(in[i]);
    if (next < low || next > high) return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {bytes, true};
}

}  // namespace metlog
