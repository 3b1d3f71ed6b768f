#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace metlog {

// "Plain" is a byte that stands in a JSON string as it is: ASCII from 0x20 on, but neither the
// quote nor the backslash.

/// Bytes copy_block() looks at.
inline constexpr std::size_t kBlockBytes = 16;

inline constexpr std::uint64_t kEveryByte = 0x0101010101010101;

/// Zero exactly when all eight bytes are plain. Non-zero answers say nothing more: a borrow may
/// mark the bytes above the one that caused it.
[[nodiscard]] inline std::uint64_t special_bytes(std::uint64_t word) {
  const std::uint64_t control = word - kEveryByte * 0x20;
  const std::uint64_t quote = (word ^ (kEveryByte * '"')) - kEveryByte;
  const std::uint64_t backslash = (word ^ (kEveryByte * '\\')) - kEveryByte;
  return (word | control | quote | backslash) & (kEveryByte * 0x80);
}

[[nodiscard]] inline bool is_plain(char byte) {
  return byte >= 0x20 && static_cast<unsigned char>(byte) < 0x80 && byte != '"' && byte != '\\';
}

/// Copies 16 bytes and returns how many of them are plain, counted from the front up to the first
/// that is not. For any CPU.
inline std::size_t copy_block_by_words(char* out, const char* in) {
  std::uint64_t words[2];
  std::memcpy(words, in, kBlockBytes);
  std::memcpy(out, words, kBlockBytes);
  if ((special_bytes(words[0]) | special_bytes(words[1])) == 0) return kBlockBytes;
  std::size_t plain = 0;
  while (is_plain(in[plain])) ++plain;
  return plain;
}

#if defined(__SSE2__)

inline std::size_t copy_block(char* out, const char* in) {
  const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), block);
  // The comparison is signed, so it finds the bytes from 0x80 on along with the controls.
  const __m128i outside = _mm_cmplt_epi8(block, _mm_set1_epi8(0x20));
  const __m128i quote = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
  const __m128i special = _mm_or_si128(outside, _mm_or_si128(quote, backslash));
  const auto mask = static_cast<std::uint32_t>(_mm_movemask_epi8(special));
  return static_cast<std::size_t>(std::countr_zero(mask | (1U << kBlockBytes)));
}

/// The same for a line of text, where quote and backslash are plain and DEL is not.
inline std::size_t copy_line_block(char* out, const char* in) {
  const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), block);
  const __m128i outside = _mm_cmplt_epi8(block, _mm_set1_epi8(0x20));
  const __m128i del = _mm_cmpeq_epi8(block, _mm_set1_epi8(0x7f));
  const auto mask = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_or_si128(outside, del)));
  return static_cast<std::size_t>(std::countr_zero(mask | (1U << kBlockBytes)));
}

#else

inline std::size_t copy_block(char* out, const char* in) { return copy_block_by_words(out, in); }

inline std::size_t copy_line_block(char* out, const char* in) {
  std::memcpy(out, in, kBlockBytes);
  std::size_t plain = 0;
  while (plain < kBlockBytes && in[plain] >= 0x20 && in[plain] < 0x7f) ++plain;
  return plain;
}

#endif

}  // namespace metlog
