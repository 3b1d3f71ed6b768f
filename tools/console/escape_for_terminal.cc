#include "tools/console/escape_for_terminal.h"

#include <fmt/format.h>

#include <iterator>

#include "metlog/internal/base/utf8.h"
#include "metlog/internal/text/unprintable.h"

namespace metlog {
namespace {

void append_escaped(std::string& out, std::string_view bytes) {
  for (const char byte : bytes) {
    fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(byte));
  }
}

}  // namespace

std::string escape_for_terminal(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Utf8Sequence sequence = first_utf8_sequence(text);
    const std::string_view bytes = text.substr(0, sequence.bytes);
    text.remove_prefix(sequence.bytes);
    const char32_t character = sequence.is_valid ? utf8_code_point(bytes) : 0;
    if (!is_unprintable(character)) {
      out += bytes;
    } else if (character < 0x80) {
      append_escaped(out, bytes);
    } else {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(character));
    }
  }
  return out;
}

std::size_t width_of(std::string_view text) { return count_characters(text); }

std::string cut_to_width(std::string_view text, std::size_t width) {
  if (width_of(text) <= width) return std::string(text);
  if (width == 0) return "";
  return std::string(first_characters(text, width - 1)) + "~";
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
