#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace metlog {

/// The variable scalar values of a scanned message, in order.
class ScalarSpans {
 public:
  ScalarSpans() {}  // not defaulted: that would zero the array

  static constexpr std::size_t kMax = 24;

  struct Span {
    const char* begin;
    const char* end;
  };

  void add(const char* begin, const char* end) {
    if (count_ < kMax) spans_[count_] = {begin, end};
    ++count_;
  }
  /// False when there were more than kMax.
  [[nodiscard]] bool is_complete() const { return count_ <= kMax; }
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] const Span& operator[](std::size_t i) const { return spans_[i]; }

 private:
  std::array<Span, kMax> spans_;
  std::size_t count_ = 0;
};

/// The keys of one object that is being scanned.
class ScannedKeys {
 public:
  ScannedKeys() {}  // not defaulted: that would zero the array

  static constexpr std::size_t kMax = 32;

  /// False when the object has this key already, or has more keys than kMax: both are for the
  /// parser.
  [[nodiscard]] bool add(std::string_view key) {
    if (count_ == kMax) return false;
    for (std::size_t i = 0; i < count_; ++i) {
      if (keys_[i] == key) return false;
    }
    keys_[count_++] = key;
    return true;
  }
  /// Takes the value of the key that was added last.
  void end(const char* /*begin*/, const char* /*end*/) {}

 protected:
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::string_view key(std::size_t i) const { return keys_[i]; }

 private:
  std::array<std::string_view, kMax> keys_;
  std::size_t count_ = 0;
};

/// The keys of one object that is being scanned, and their values.
class ScannedMembers : public ScannedKeys {
 public:
  ScannedMembers() {}  // not defaulted: that would zero the array

  void end(const char* begin, const char* end) { values_[count() - 1] = {begin, end}; }

  using ScannedKeys::count;
  using ScannedKeys::key;
  [[nodiscard]] std::string_view value(std::size_t i) const {
    return {values_[i].begin, static_cast<std::size_t>(values_[i].end - values_[i].begin)};
  }

 private:
  std::array<ScalarSpans::Span, kMax> values_;
};

/// The state of a scan.
struct ValueScan {
  const char* end;         // of the whole text
  std::size_t depth;       // the maximum of nested objects and arrays
  unsigned high_bits = 0;  // not 0 when a byte was not ASCII
  ScalarSpans scalars{};   // those that scan_value() read, and others that were added
};

/// The maximum depth of nesting that a scan follows; deeper values are for the parser.
inline constexpr std::size_t kMaxScanDepth = 32;

/// Validates a JSON value as senders usually write it: at most one space after `:` and `,`, no
/// extreme numbers, no escaped surrogates, no escapes in keys and no key twice. Returns the end, or
/// null if the value is malformed or outside the fast path. `level` counts the objects and arrays
/// around it, and itself if it is one. Reads at most kFramePadding bytes after the text.
[[nodiscard]] const char* scan_value(const char* at, ValueScan& scan, std::size_t level);

/// Like scan_value(), for an object, whose members are then in `found`.
[[nodiscard]] const char* scan_members(const char* at, ValueScan& scan, std::size_t level,
                                       ScannedMembers& found);

/// Like scan_value(), for a value that is neither an object nor an array.
[[nodiscard]] const char* scan_scalar(const char* at, ValueScan& scan);
/// Like scan_value(), for a string; it may hold escapes.
[[nodiscard]] const char* scan_string(const char* at, ValueScan& scan);
/// Like scan_value(), for a string without escapes, whose characters are then in `value`.
[[nodiscard]] const char* scan_plain_string(const char* at, ValueScan& scan,
                                            std::string_view& value);

/// The number of digits at `at`; 8 for eight or more.
[[nodiscard]] unsigned leading_digits(const char* at);

/// Bytes that find_first_escape() examines together.
inline constexpr std::size_t kRunStep = 16;

/// Returns the first byte from `at` on that ends a run of plain characters inside a JSON string: a
/// quote, a backslash or a control character; `end` or a later address when there is none. Sets
/// bits in `high_bits` when a byte of the run is not ASCII. Reads up to kRunStep bytes after `end`.
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

/// The text without JSON whitespace around it.
std::string_view trim_json_whitespace(std::string_view text);

/// Returns where the object or array at the start of the text ends; npos when it has no end or the
/// text begins with neither. Considers brackets and quotes only; the rest need not be valid JSON.
std::size_t end_of_first_value(std::string_view text);

}  // namespace metlog
