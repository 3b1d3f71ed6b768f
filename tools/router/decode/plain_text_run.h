#pragma once

#include <bit>
#include <cstddef>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace metlog {

/// Bytes that are looked at together.
inline constexpr std::size_t kRunStep = 16;

/// The first byte from `at` on that ends a run of plain characters inside a JSON string: a quote, a
/// backslash or a control character; `end` or behind it when there is none before. `high_bits`
/// gets bits set when a byte of the run is no ASCII. Reads up to kRunStep bytes behind `end`.
inline const char* end_of_plain_run(const char* at, const char* end, unsigned& high_bits) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i last_control = _mm_set1_epi8(0x1f);
  for (; at < end; at += kRunStep) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i is_control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    const __m128i is_stop = _mm_or_si128(
        is_control, _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)));
    const auto stops = static_cast<unsigned>(_mm_movemask_epi8(is_stop));
    const auto high = static_cast<unsigned>(_mm_movemask_epi8(bytes));
    if (stops != 0) {
      high_bits |= high & ((stops & -stops) - 1);
      return at + std::countr_zero(stops);
    }
    high_bits |= high;
  }
  return at;
#else
  for (; at < end; ++at) {
    const auto byte = static_cast<unsigned char>(*at);
    if (byte == '"' || byte == '\\' || byte < 0x20) return at;
    high_bits |= byte & 0x80U;
  }
  return at;
#endif
}

}  // namespace metlog
