#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace metlog {

/// The values of a scanned text that may change and hold no others, in their order.
class ScalarSpans {
 public:
  ScalarSpans() {}  // not defaulted: that would fill the array

  static constexpr std::size_t kMax = 24;

  struct Leaf {
    const char* begin;
    const char* end;
  };

  void note(const char* begin, const char* end) {
    if (count_ < kMax) leaves_[count_] = {begin, end};
    ++count_;
  }
  /// Whether all of them are here; there were too many otherwise.
  [[nodiscard]] bool are_all() const { return count_ <= kMax; }
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] const Leaf& operator[](std::size_t i) const { return leaves_[i]; }

 private:
  std::array<Leaf, kMax> leaves_;
  std::size_t count_ = 0;
};

/// What values were scanned in, and what they held.
struct ValueScan {
  const char* end;         // of the whole text
  std::size_t depth;       // of nested objects and arrays
  unsigned high_bits = 0;  // not 0: there was more than ASCII
  ScalarSpans leaves{};    // those that scan_value() came by, and what else was noted
};

/// Levels of nesting that a scan follows; what is deeper is for the parser.
inline constexpr std::size_t kDeepestScan = 32;

/// Scans a JSON value as senders usually write it: no blanks but single ones behind `:` and `,`, no
/// extreme numbers, no escaped surrogates. Returns where it ends, null when it is not usual, or no
/// value. `level` counts the objects and arrays around it, and itself if it is one. Reads no more
/// than kFramePadding bytes behind the text.
[[nodiscard]] const char* scan_value(const char* at, ValueScan& scan, std::size_t level);

/// The same of a value that holds no others.
[[nodiscard]] const char* scan_leaf(const char* at, ValueScan& scan);
/// The same of a text; it may hold escapes.
[[nodiscard]] const char* scan_text(const char* at, ValueScan& scan);
/// The same of a text without escapes, whose characters are then in `value`.
[[nodiscard]] const char* scan_plain_text(const char* at, ValueScan& scan, std::string_view& value);

/// How many digits stand here, as far as eight are looked at.
[[nodiscard]] unsigned leading_digits(const char* at);

/// Bytes that are looked at together.
inline constexpr std::size_t kRunStep = 16;

/// The first byte from `at` on that ends a run of plain characters inside a JSON string: a quote, a
/// backslash or a control character; `end` or behind it when there is none before. `high_bits`
/// gets bits set when a byte of the run is no ASCII. Reads up to kRunStep bytes behind `end`.
inline const char* find_first_escape(const char* at, const char* end, unsigned& high_bits) {
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

/// The text without JSON's blanks around it.
std::string_view trim_json_blanks(std::string_view text);

/// Where the object or array that begins the text ends; npos when it has no end or the text begins
/// with neither. Looks at brackets and quotes only: what lies between may be no JSON at all.
std::size_t end_of_first_value(std::string_view text);

}  // namespace metlog
