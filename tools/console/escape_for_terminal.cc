#include "tools/console/escape_for_terminal.h"

#include <fmt/format.h>

#include <iterator>

namespace metlog {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// The length that the first byte of a UTF-8 sequence announces; 0 when it begins none.
std::size_t announced_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/// The length of the sequence that the text begins with; 0 when it is none.
std::size_t sequence_length(std::string_view text) {
  const std::size_t length = announced_length(static_cast<unsigned char>(text[0]));
  if (length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return 0;
  }
  return length;
}

std::uint32_t code_point(std::string_view sequence) {
  std::uint32_t point = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return point;
  point &= 0x7fU >> sequence.size();
  for (const char c : sequence.substr(1)) point = point << 6 | (static_cast<unsigned>(c) & 0x3f);
  return point;
}

bool is_dangerous(std::uint32_t point) {
  return point < 0x20 || (point >= 0x7f && point <= 0x9f) ||  // C0, DEL, C1
         (point >= 0x200b && point <= 0x200f) ||              // zero width, direction marks
         (point >= 0x2028 && point <= 0x202e) ||              // line breaks, embeddings
         (point >= 0x2060 && point <= 0x206f) ||              // isolates, invisible operators
         (point >= 0xd800 && point <= 0xdfff) || point == 0xfeff ||
         (point >= 0xe0000 && point <= 0xe0fff) || point > 0x10ffff;
}

}  // namespace

std::string escape_for_terminal(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    const std::string_view sequence = text.substr(0, length == 0 ? 1 : length);
    if (length == 0) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(text[0]));
    } else if (!is_dangerous(code_point(sequence))) {
      out += sequence;
    } else if (length == 1) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", code_point(sequence));
    } else {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", code_point(sequence));
    }
    text.remove_prefix(sequence.size());
  }
  return out;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (const char c : text) width += is_continuation(c) ? 0 : 1;
  return width;
}

std::string cut_to_width(std::string_view text, std::size_t width) {
  if (width_of(text) <= width) return std::string(text);
  if (width == 0) return "";
  std::size_t kept = 0;
  std::size_t end = 0;
  while (true) {
    if (!is_continuation(text[end]) && ++kept == width) break;
    ++end;
  }
  return std::string(text.substr(0, end)) + "~";
}

std::string grouped(std::uint64_t number) {
  const std::string digits = fmt::format("{}", number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

}  // namespace metlog
