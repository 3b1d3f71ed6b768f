#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "metlog/internal/text/plain_block.h"

namespace metlog {

/// Where reading and writing stand.
struct CopyProgress {
  const char* in;
  char* out;
};

/// Copies texts in which most bytes stay as they are. `Form` says which do, and writes the others:
///
///   static std::uint64_t special_bytes(std::uint64_t word);   // 0 when all eight are plain
///   static bool is_plain(char byte);
///   static std::size_t copy_block(char* out, const char* in); // as in plain_block.h
///   static CopyProgress append_special(CopyProgress at, const char* end);
template <class Form>
class EscapedCopy {
 public:
  /// Writes `text` to `out` and returns the end.
  static char* append(char* out, std::string_view text) {
    CopyProgress at{text.data(), out};
    const char* const end = text.data() + text.size();
    while (end - at.in >= static_cast<std::ptrdiff_t>(kBlockBytes)) {
      const std::size_t plain = Form::copy_block(at.out, at.in);
      // By a constant: what stands behind the block does not wait until `plain` is known.
      if (plain == kBlockBytes) [[likely]] {
        at = {at.in + kBlockBytes, at.out + kBlockBytes};
      } else {
        at = Form::append_special({at.in + plain, at.out + plain}, end);
      }
    }
    return append_tail(at, end);
  }

 private:
  static char* append_bytewise(CopyProgress at, const char* end) {
    while (at.in != end) {
      if (Form::is_plain(*at.in)) {
        *at.out++ = *at.in++;
      } else {
        at = Form::append_special(at, end);
      }
    }
    return at.out;
  }

  /// Copies a text of sizeof(Word) to 2 * sizeof(Word) bytes by two moves that may overlap. False
  /// when it is not all plain; what stands at `out` is then to be written again.
  template <typename Word>
  static bool copy_if_plain(char* out, const char* in, std::size_t bytes) {
    constexpr auto kPlainRest = sizeof(Word) < 8 ? kEveryByte * 0x20 << (8 * sizeof(Word) % 64) : 0;
    Word first;
    Word last;
    std::memcpy(&first, in, sizeof(Word));
    std::memcpy(&last, in + bytes - sizeof(Word), sizeof(Word));
    std::memcpy(out, &first, sizeof(Word));
    std::memcpy(out + bytes - sizeof(Word), &last, sizeof(Word));
    return (Form::special_bytes(kPlainRest | first) | Form::special_bytes(kPlainRest | last)) == 0;
  }

  /// Writes the last bytes of a text, fewer than a block, and reads none behind them.
  static char* append_tail(CopyProgress at, const char* end) {
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
