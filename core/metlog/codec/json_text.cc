#include "metlog/codec/json_text.h"

#include <array>
#include <cstdint>

#include "metlog/codec/plain_block.h"
#include "metlog/codec/utf8_sequence.h"

namespace metlog {
namespace {

/// The letter behind the backslash; 0 stands for the \u form.
constexpr std::array<char, 0x20> kEscapeLetters = [] {
  std::array<char, 0x20> letters{};
  letters['\b'] = 'b';
  letters['\f'] = 'f';
  letters['\n'] = 'n';
  letters['\r'] = 'r';
  letters['\t'] = 't';
  return letters;
}();

char* append_escape(char* out, char byte) {
  const auto code = static_cast<unsigned char>(byte);
  const char letter = code < 0x20 ? kEscapeLetters[code] : byte;
  *out++ = '\\';
  if (letter != 0) {
    *out++ = letter;
    return out;
  }
  std::memcpy(out, "u00", 3);
  out[3] = static_cast<char>('0' + code / 16);
  out[4] = "0123456789abcdef"[code % 16];
  return out + 5;
}

/// Where reading and writing stand.
struct Progress {
  const char* in;
  char* out;
};

Progress append_sequences(Progress at, const char* end) {
  do {
    const Utf8Sequence sequence = read_utf8_sequence(at.in, static_cast<std::size_t>(end - at.in));
    if (sequence.is_valid) {
      std::memcpy(at.out, at.in, 2);
      std::memcpy(at.out + sequence.bytes - 2, at.in + sequence.bytes - 2, 2);
      at.out += sequence.bytes;
    } else {
      std::memcpy(at.out, "\xEF\xBF\xBD", 3);
      at.out += 3;
    }
    at.in += sequence.bytes;
  } while (at.in != end && static_cast<unsigned char>(*at.in) >= 0x80);
  return at;
}

/// Writes the byte that is not plain, or the run of bytes from 0x80 on that begins here.
Progress append_special(Progress at, const char* end) {
  if (static_cast<unsigned char>(*at.in) >= 0x80) return append_sequences(at, end);
  return {at.in + 1, append_escape(at.out, *at.in)};
}

char* append_bytewise(Progress at, const char* end) {
  while (at.in != end) {
    if (is_plain(*at.in)) {
      *at.out++ = *at.in++;
    } else {
      at = append_special(at, end);
    }
  }
  return at.out;
}

/// Copies a text of sizeof(Word) to 2 * sizeof(Word) bytes by two moves that may overlap. False
/// when it is not all plain; what stands at `out` is then to be written again.
template <typename Word>
bool copy_if_plain(char* out, const char* in, std::size_t bytes) {
  constexpr auto kPlainRest = sizeof(Word) < 8 ? kEveryByte * 0x20 << (8 * sizeof(Word) % 64) : 0;
  Word first;
  Word last;
  std::memcpy(&first, in, sizeof(Word));
  std::memcpy(&last, in + bytes - sizeof(Word), sizeof(Word));
  std::memcpy(out, &first, sizeof(Word));
  std::memcpy(out + bytes - sizeof(Word), &last, sizeof(Word));
  return (special_bytes(kPlainRest | first) | special_bytes(kPlainRest | last)) == 0;
}

/// Writes the last bytes of a text, fewer than a block, and reads none behind them.
char* append_tail(Progress at, const char* end) {
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

}  // namespace

char* append_json_text(char* out, std::string_view text) {
  Progress at{text.data(), out};
  const char* const end = text.data() + text.size();
  while (end - at.in >= static_cast<std::ptrdiff_t>(kBlockBytes)) {
    const std::size_t plain = copy_block(at.out, at.in);
    if (plain == kBlockBytes) [[likely]] {
      at.in += kBlockBytes;
      at.out += kBlockBytes;
    } else {
      at = append_special({at.in + plain, at.out + plain}, end);
    }
  }
  return append_tail(at, end);
}

bool is_plain_json_text(std::string_view text) {
  char unused[kBlockBytes];
  while (text.size() >= kBlockBytes) {
    if (copy_block(unused, text.data()) != kBlockBytes) return false;
    text.remove_prefix(kBlockBytes);
  }
  for (const char byte : text) {
    if (!is_plain(byte)) return false;
  }
  return true;
}

std::string json_text(std::string_view text) {
  std::string escaped(kJsonTextGrowth * text.size(), '\0');
  const char* const end = append_json_text(escaped.data(), text);
  escaped.resize(static_cast<std::size_t>(end - escaped.data()));
  return escaped;
}

}  // namespace metlog
