#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace metlog {

/// A piece of a format: literal text, or a placeholder with its argument and specification.
struct FormatSegment {
  static constexpr std::uint16_t kLiteral = UINT16_MAX;
  static constexpr std::uint16_t kNoArg = UINT16_MAX;
  std::uint16_t arg;  // index among the call's text arguments; kLiteral for text
  std::uint16_t begin;
  std::uint16_t size;  // of the literal, or of the specification after the ':'
  // The arguments that a specification such as `>{}.{}f` takes its numbers from.
  std::uint16_t width_arg = kNoArg;
  std::uint16_t precision_arg = kNoArg;

  [[nodiscard]] constexpr bool takes_numbers() const {
    return width_arg != kNoArg || precision_arg != kNoArg;
  }
};

/// The error in a format, as a message for the author of the call; null when there is none.
struct FormatError {
  const char* what = nullptr;
};

/// Splits a format, see split_format(). Used once.
template <class Sink>
class FormatSplitter {
 public:
  constexpr FormatSplitter(std::string_view format, Sink& sink) : format_(format), sink_(sink) {}

  constexpr FormatError split() {
    if (format_.size() >= UINT16_MAX) return {"a format is shorter than 65,535 bytes"};
    while (at_ < format_.size()) {
      const char c = format_[at_];
      if (c != '{' && c != '}') {
        ++at_;
      } else if (at_ + 1 < format_.size() && format_[at_ + 1] == c) {
        end_literal(at_ + 1);
        at_ += 2;
        literal_ = at_;
      } else if (c == '}') {
        return {"a single '}' in the format; write '}}' for a brace"};
      } else if (const FormatError wrong = read_placeholder(); wrong.what != nullptr) {
        return wrong;
      }
    }
    end_literal(at_);
    return {};
  }

 private:
  static constexpr FormatError kNotClosed = {
      "a '{' in the format without its '}'; write '{{' for a brace"};

  [[nodiscard]] constexpr bool is_at(char c) const {
    return at_ < format_.size() && format_[at_] == c;
  }
  [[nodiscard]] constexpr bool is_at_digit() const {
    return at_ < format_.size() && format_[at_] >= '0' && format_[at_] <= '9';
  }

  constexpr void end_literal(std::size_t end) {
    if (end > literal_) {
      sink_(FormatSegment{FormatSegment::kLiteral, static_cast<std::uint16_t>(literal_),
                          static_cast<std::uint16_t>(end - literal_)});
    }
  }

  // Reads the number of an argument, or gives the next one if there is none.
  constexpr FormatError read_arg(std::uint16_t& arg) {
    const Numbering numbering = is_at_digit() ? Numbering::kManual : Numbering::kAutomatic;
    if (numbering_ != Numbering::kUnknown && numbering_ != numbering) {
      return {"{} and {0} cannot be mixed in one format"};
    }
    numbering_ = numbering;
    if (numbering == Numbering::kAutomatic) {
      arg = next_arg_++;
      return {};
    }
    std::uint32_t number = 0;
    for (; is_at_digit() && number < 1000; ++at_) {
      number = number * 10 + static_cast<std::uint32_t>(format_[at_] - '0');
    }
    arg = static_cast<std::uint16_t>(number);
    return {};
  }

  constexpr FormatError read_placeholder() {
    end_literal(at_);
    ++at_;
    FormatSegment segment{0, 0, 0};
    if (const FormatError wrong = read_arg(segment.arg); wrong.what != nullptr) return wrong;
    if (is_at(':')) {
      segment.begin = static_cast<std::uint16_t>(++at_);
      while (at_ < format_.size() && format_[at_] != '}') {
        if (format_[at_++] != '{') continue;
        if (const FormatError wrong = read_number_arg(segment); wrong.what != nullptr) return wrong;
      }
      segment.size = static_cast<std::uint16_t>(at_ - segment.begin);
    }
    if (!is_at('}')) return kNotClosed;
    sink_(segment);
    literal_ = ++at_;
    return {};
  }

  // Reads a `{}` in a specification.
  constexpr FormatError read_number_arg(FormatSegment& segment) {
    const bool is_precision = format_[at_ - 2] == '.';
    std::uint16_t& arg = is_precision ? segment.precision_arg : segment.width_arg;
    if (arg != FormatSegment::kNoArg) return kNotClosed;
    if (const FormatError wrong = read_arg(arg); wrong.what != nullptr) return wrong;
    if (!is_at('}')) return kNotClosed;
    ++at_;
    return {};
  }

  enum class Numbering : std::uint8_t { kUnknown, kAutomatic, kManual };

  std::string_view format_;
  Sink& sink_;
  std::size_t at_ = 0;
  std::size_t literal_ = 0;  // where the literal before at_ began
  Numbering numbering_ = Numbering::kUnknown;
  std::uint16_t next_arg_ = 0;
};

/// Splits "order {} for {:>5} items" as std::format reads it: `{}` and `{0}` (not both in one
/// format), `{{` and `}}` for braces, a specification after a colon. There `{}` or `{0}` names the
/// argument that is the width, and after a point the precision. Calls `sink(FormatSegment)` for
/// every segment in order. Runs at compile time for macros, and on the flusher for formats that are
/// known only at run time.
template <class Sink>
constexpr FormatError split_format(std::string_view format, Sink&& sink) {
  return FormatSplitter<std::remove_reference_t<Sink>>(format, sink).split();
}

}  // namespace metlog
