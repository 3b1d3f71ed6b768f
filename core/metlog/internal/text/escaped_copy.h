#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace metlog {

// Copies strings of which most bytes need no escape. EscapedCopy, at the end, copies blocks of 16
// bytes and looks for a byte that needs one; the rest of a string it copies by two overlapping
// words. "Plain" is a byte that needs no escape.

/// Bytes that PlainBytes::copy_block() copies.
inline constexpr std::size_t kBlockBytes = 16;

inline constexpr std::uint64_t kEveryByte = 0x0101010101010101;

/// Which bytes are plain: ASCII from 0x20 on, but for `kSpecial`, which are ASCII.
template <char... kSpecial>
struct PlainBytes {
  /// Returns zero exactly when all eight bytes are plain. Which bits of another result are set
  /// means nothing: a borrow may mark the bytes above the one that caused it.
  [[nodiscard]] static std::uint64_t special_bytes(std::uint64_t word) {
    std::uint64_t special = word | (word - kEveryByte * 0x20);
    ((special |= (word ^ (kEveryByte * kSpecial)) - kEveryByte), ...);
    return special & (kEveryByte * 0x80);
  }

  [[nodiscard]] static bool is_plain(char byte) {
    return byte >= 0x20 && static_cast<unsigned char>(byte) < 0x80 && ((byte != kSpecial) && ...);
  }

  /// Copies 16 bytes and returns how many of them come before the first that is not plain. For any
  /// CPU.
  static std::size_t copy_block_by_words(char* out, const char* in) {
    std::uint64_t words[2];
    std::memcpy(words, in, kBlockBytes);
    std::memcpy(out, words, kBlockBytes);
    if ((special_bytes(words[0]) | special_bytes(words[1])) == 0) return kBlockBytes;
    std::size_t plain = 0;
    while (is_plain(in[plain])) ++plain;
    return plain;
  }

#if defined(__SSE2__)
  /// Does the same as copy_block_by_words().
  static std::size_t copy_block(char* out, const char* in) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), block);
    // The comparison is signed, so it finds the bytes from 0x80 on together with the controls.
    __m128i special = _mm_cmplt_epi8(block, _mm_set1_epi8(0x20));
    ((special = _mm_or_si128(special, _mm_cmpeq_epi8(block, _mm_set1_epi8(kSpecial)))), ...);
    const auto mask = static_cast<std::uint32_t>(_mm_movemask_epi8(special));
    return static_cast<std::size_t>(std::countr_zero(mask | (1U << kBlockBytes)));
  }
#else
  static std::size_t copy_block(char* out, const char* in) { return copy_block_by_words(out, in); }
#endif
};

/// Inside a JSON string.
using PlainInJson = PlainBytes<'"', '\\'>;

/// The places of the next byte to read and to write.
struct CopyCursor {
  const char* in;
  char* out;
};

/// Copies strings by rules that say which bytes are plain, as PlainBytes does, and write the
/// others:
///
///   static CopyCursor append_special(CopyCursor at, const char* end);
template <class Rules>
class EscapedCopy {
 public:
  /// Writes `text` to `out` and returns the end.
  static char* append(char* out, std::string_view text) {
    CopyCursor at{text.data(), out};
    const char* const end = text.data() + text.size();
    while (end - at.in >= static_cast<std::ptrdiff_t>(kBlockBytes)) {
      const std::size_t plain = Rules::copy_block(at.out, at.in);
      // Advance by a constant: the next block need not wait until `plain` is known.
      if (plain == kBlockBytes) [[likely]] {
        at = {at.in + kBlockBytes, at.out + kBlockBytes};
      } else {
        at = Rules::append_special({at.in + plain, at.out + plain}, end);
      }
    }
    return append_tail(at, end);
  }

 private:
  static char* append_bytewise(CopyCursor at, const char* end) {
    while (at.in != end) {
      if (Rules::is_plain(*at.in)) {
        *at.out++ = *at.in++;
      } else {
        at = Rules::append_special(at, end);
      }
    }
    return at.out;
  }

  /// Copies sizeof(Word) to 2 * sizeof(Word) bytes by two moves that may overlap. Returns false
  /// when they are not all plain; the bytes at `out` then have to be written again.
  template <typename Word>
  static bool copy_if_plain(char* out, const char* in, std::size_t bytes) {
    constexpr auto kPlainRest = sizeof(Word) < 8 ? kEveryByte * 0x20 << (8 * sizeof(Word) % 64) : 0;
    Word first;
    Word last;
    std::memcpy(&first, in, sizeof(Word));
    std::memcpy(&last, in + bytes - sizeof(Word), sizeof(Word));
    std::memcpy(out, &first, sizeof(Word));
    std::memcpy(out + bytes - sizeof(Word), &last, sizeof(Word));
    return (Rules::special_bytes(kPlainRest | first) | Rules::special_bytes(kPlainRest | last)) ==
           0;
  }

  /// Writes the last bytes of a string, fewer than a block, and reads none after them.
  static char* append_tail(CopyCursor at, const char* end) {
    const auto bytes = static_cast<std::size_t>(end - at.in);
    bool copied = bytes == 0;
    if (bytes >= 8) {
      copied = copy_if_plain<std::uint64_t>(at.out, at.in, bytes);
    } else if (bytes >= 4) {
      copied = copy_if_plain<std::uint32_t>(at.out, at.in, bytes);
    } else if (bytes >= 2) {
      copied = copy_if_plain<std::uint16_t>(at.out, at.in, bytes);
    }
    return copied ? at.out + bytes : append_bytewise(at, end);
  }
};

}  // namespace metlog
