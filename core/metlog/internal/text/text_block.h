#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "metlog/internal/text/json_text.h"

namespace metlog {

/// Text that is copied by whole blocks: it is followed by as many bytes that mean nothing.
struct TextBlock {
  static constexpr std::size_t kBytes = 32;
  static constexpr std::size_t kMaxInline = 128;

  std::string bytes;
  std::size_t size = 0;

  void assign(std::string_view text) {
    bytes = text;
    bytes.append(kBytes, '\0');
    size = text.size();
  }
  /// `out` has room for kBytes more than the text.
  char* append(char* out) const { return copy(out, bytes.data(), size); }
  static char* copy(char* out, const char* from, std::size_t size) {
    if (size > kMaxInline) return append_plain_text(out, {from, size});
    char* const end = out + size;
    for (; out < end; out += kBytes, from += kBytes) std::memcpy(out, from, kBytes);
    return end;
  }
};

}  // namespace metlog
