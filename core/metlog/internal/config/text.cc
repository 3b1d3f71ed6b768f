#include "metlog/internal/config/text.h"

#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/line_text.h"

namespace metlog {
namespace {

constexpr std::size_t kMostBytes = 120;

/// At most so many bytes, ending before a character that would be cut; "..." tells of the rest.
std::string shortened(std::string text) {
  if (text.size() <= kMostBytes) return text;
  std::size_t end = kMostBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end).append("...");
}

}  // namespace

std::string quoted(std::string_view text) {
  const std::string inside = line_text(json_text(text.substr(0, 2 * kMostBytes)));
  return std::string(1, '"').append(shortened(inside)).append(1, '"');
}

std::string shown(std::string_view text) {
  return shortened(line_text(text.substr(0, 2 * kMostBytes)));
}

}  // namespace metlog
