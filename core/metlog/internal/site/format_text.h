#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace metlog {

/// A piece of a format: literal text, or a placeholder with its argument and specification.
struct FormatSegment {
  static constexpr std::uint16_t kLiteral = UINT16_MAX;
  std::uint16_t arg;  // index among the call's text arguments; kLiteral for text
  std::uint16_t begin;
  std::uint16_t size;  // of the literal, or of the specification after the ':'
};

/// The error in a format, as a message for the author of the call; null when there is none.
struct FormatError {
  const char* what = nullptr;
};

/// Splits "order {} for {:>5} items" as std::format reads it: `{}` and `{0}` (not both in one
/// format), `{{` and `}}` for braces, a specification after a colon. Calls `sink(FormatSegment)`
/// for every segment in order. Runs at compile time for macros, and on the flusher for formats that
/// are known only at run time.
template <class Sink>
constexpr FormatError split_format(std::string_view format, Sink&& sink) {
  if (format.size() >= UINT16_MAX) return {"a format is shorter than 65,535 bytes"};
  enum class Numbering { kUnknown, kAutomatic, kManual } numbering = Numbering::kUnknown;
  std::uint16_t next_arg = 0;
  std::size_t literal = 0;
  std::size_t i = 0;
  const auto end_literal = [&](std::size_t end) {
    if (end > literal) {
      sink(FormatSegment{FormatSegment::kLiteral, static_cast<std::uint16_t>(literal),
                         static_cast<std::uint16_t>(end - literal)});
    }
  };
  while (i < format.size()) {
    const char c = format[i];
    if (c != '{' && c != '}') {
      ++i;
      continue;
    }
    if (i + 1 < format.size() && format[i + 1] == c) {
      end_literal(i + 1);
      i += 2;
      literal = i;
      continue;
    }
    if (c == '}') return {"a single '}' in the format; write '}}' for a brace"};
    end_literal(i);
    ++i;
    FormatSegment segment{next_arg, 0, 0};
    if (i < format.size() && format[i] >= '0' && format[i] <= '9') {
      if (numbering == Numbering::kAutomatic) return {"{} and {0} cannot be mixed in one format"};
      numbering = Numbering::kManual;
      std::uint32_t number = 0;
      for (; i < format.size() && format[i] >= '0' && format[i] <= '9' && number < 1000; ++i) {
        number = number * 10 + static_cast<std::uint32_t>(format[i] - '0');
      }
      segment.arg = static_cast<std::uint16_t>(number);
    } else {
      if (numbering == Numbering::kManual) return {"{} and {0} cannot be mixed in one format"};
      numbering = Numbering::kAutomatic;
      ++next_arg;
    }
    if (i < format.size() && format[i] == ':') {
      segment.begin = static_cast<std::uint16_t>(++i);
      while (i < format.size() && format[i] != '}' && format[i] != '{') ++i;
      segment.size = static_cast<std::uint16_t>(i - segment.begin);
    }
    if (i >= format.size() || format[i] != '}') {
      return {"a '{' in the format without its '}'; write '{{' for a brace"};
    }
    sink(segment);
    literal = ++i;
  }
  end_literal(i);
  return {};
}

}  // namespace metlog
