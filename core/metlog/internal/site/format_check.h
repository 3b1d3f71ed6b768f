#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "metlog/internal/base/utf8.h"
#include "metlog/internal/site/arg.h"
#include "metlog/internal/site/format_text.h"
#include "metlog/internal/site/gate.h"
#include "metlog/internal/site/type_code.h"

namespace metlog {

/// The parts of a specification, `*>+#08.3Lf`.
struct FormatSpec {
  static constexpr std::uint16_t kNone = UINT16_MAX;
  /// The maximum of a width and of a precision.
  static constexpr std::uint16_t kMaxNumber = 9999;

  std::string_view fill;  // one character; empty when none is given
  char align = 0;         // 0 when none is given, as for sign and type
  char sign = 0;
  char type = 0;
  bool has_alternate = false;
  bool has_zero = false;
  bool has_locale = false;
  bool is_valid = true;
  std::uint16_t width = kNone;      // kNone also where an argument gives the number
  std::uint16_t precision = kNone;  // the same
  bool has_precision = false;
};

/// Reads [[fill]align][sign][#][0][width][.precision][L][type]; width and precision may be `{}`.
class FormatSpecReader {
 public:
  constexpr explicit FormatSpecReader(std::string_view text) : text_(text) {}

  constexpr FormatSpec read() {
    FormatSpec spec;
    read_align(spec);
    if (is_at('+') || is_at('-') || is_at(' ')) spec.sign = text_[at_++];
    spec.has_alternate = take('#');
    spec.has_zero = take('0');
    // A width does not begin with a zero.
    if (is_at('0')) is_valid_ = false;
    spec.width = read_number();
    if (take('.')) {
      spec.has_precision = true;
      const std::size_t digits = at_;
      spec.precision = read_number();
      if (at_ == digits) is_valid_ = false;
    }
    spec.has_locale = take('L');
    if (at_ < text_.size()) spec.type = text_[at_++];
    spec.is_valid = is_valid_ && at_ == text_.size();
    return spec;
  }

 private:
  [[nodiscard]] constexpr bool is_at(char c) const { return at_ < text_.size() && text_[at_] == c; }
  constexpr bool take(char c) {
    if (!is_at(c)) return false;
    ++at_;
    return true;
  }

  constexpr void read_align(FormatSpec& spec) {
    constexpr std::string_view kAligns = "<>^";
    if (text_.empty()) return;
    const Utf8Sequence first = first_utf8_sequence(text_);
    const auto is_align = [&](std::size_t at) {
      return at < text_.size() && kAligns.find(text_[at]) != std::string_view::npos;
    };
    if (is_align(first.bytes)) {
      spec.fill = text_.substr(0, first.bytes);
      is_valid_ = first.is_valid;
      spec.align = text_[first.bytes];
      at_ = first.bytes + 1;
    } else if (is_align(0)) {
      spec.align = text_[at_++];
    }
  }

  constexpr std::uint16_t read_number() {
    if (take('{')) {
      while (at_ < text_.size() && text_[at_] != '}') ++at_;
      is_valid_ = is_valid_ && take('}');
      return FormatSpec::kNone;
    }
    std::uint16_t number = 0;
    const std::size_t begin = at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      number = static_cast<std::uint16_t>(number * 10 + (text_[at_] - '0'));
      if (number > FormatSpec::kMaxNumber) {
        is_valid_ = false;
        return 0;
      }
    }
    return at_ == begin ? FormatSpec::kNone : number;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool is_valid_ = true;
};

constexpr FormatSpec read_format_spec(std::string_view text) {
  return FormatSpecReader(text).read();
}

/// True when the specification's type is one of the letters, or none is given.
constexpr bool has_type_of(const FormatSpec& spec, std::string_view letters) {
  return spec.type == 0 || letters.find(spec.type) != std::string_view::npos;
}
/// True when what is no integer, a bool or a char, is to be written as one.
constexpr bool is_as_integer(const FormatSpec& spec) {
  return spec.type != 0 && has_type_of(spec, "bBdoxX");
}

/// These return what is wrong with printing a value of the kind by the specification.

constexpr FormatError check_word_spec(const FormatSpec& spec) {
  if (spec.sign != 0 || spec.has_alternate || spec.has_zero) {
    return {"only a number is printed with a sign, '#' or '0'"};
  }
  return {};
}

constexpr FormatError check_text_spec(const FormatSpec& spec) {
  if (spec.has_locale) return {"only a number or a bool is printed with 'L'"};
  return check_word_spec(spec);
}

constexpr FormatError check_integer_spec(const FormatSpec& spec) {
  if (!has_type_of(spec, "bBcdoxX")) return {"an integer is printed with one of b B c d o x X"};
  if (spec.has_precision) return {"an integer has no precision"};
  return spec.type == 'c' ? check_text_spec(spec) : FormatError{};
}

constexpr FormatError check_bool_spec(const FormatSpec& spec) {
  if (!has_type_of(spec, "sbBdoxX")) return {"a bool is printed with one of s b B d o x X"};
  if (spec.has_precision) return {"a bool has no precision"};
  return is_as_integer(spec) ? FormatError{} : check_word_spec(spec);
}

constexpr FormatError check_char_spec(const FormatSpec& spec) {
  if (!has_type_of(spec, "c?bBdoxX")) return {"a char is printed with one of c ? b B d o x X"};
  if (spec.has_precision) return {"a char has no precision"};
  return is_as_integer(spec) ? FormatError{} : check_text_spec(spec);
}

constexpr FormatError check_pointer_spec(const FormatSpec& spec) {
  if (!has_type_of(spec, "p")) return {"a pointer is printed with p"};
  if (spec.has_precision) return {"a pointer has no precision"};
  return check_text_spec(spec);
}

constexpr FormatError check_time_spec(const FormatSpec& spec) {
  // Also for the conversions of std::chrono, `%F`.
  if (!spec.is_valid || spec.type != 0 || spec.has_precision) {
    return {"a time or duration is printed with fill, align and width alone"};
  }
  return check_text_spec(spec);
}

/// Returns what is wrong with printing a value of this type code by this specification.
constexpr FormatError check_spec(std::string_view text, std::string_view type) {
  if (text.empty()) return {};
  const FormatSpec spec = read_format_spec(text);
  const bool is_time = std::string_view("DEJQTUt").find(type[0]) != std::string_view::npos;
  if (is_time) return check_time_spec(spec);
  if (!spec.is_valid) {
    return {
        "the format's specification cannot be read; it is "
        "[[fill]align][sign][#][0][width][.precision][L][type] with numbers up to 9999"};
  }
  switch (type[0]) {
    case 'i':
    case 'l':
    case 'u':
    case 'm':
    case 'w':
    case 'W':
      return check_integer_spec(spec);
    case 'f':
    case 'd':
    case 'q':
      if (has_type_of(spec, "aAeEfFgG")) return {};
      return {"a floating-point number is printed with one of a A e E f F g G"};
    case 'b':
      return check_bool_spec(spec);
    case 'c':
    case 'C':
      return check_char_spec(spec);
    case 's':
      return has_type_of(spec, "s?") ? check_text_spec(spec)
                                     : FormatError{"a string is printed with s or ?"};
    case 'p':
      return check_pointer_spec(spec);
    default:
      return {"this type is printed with {} alone"};
  }
}

/// True for the types that a width or precision may have.
constexpr bool is_number_arg(std::string_view type) {
  return std::string_view("iulm").find(type[0]) != std::string_view::npos;
}

/// Checks a whole format against the types of the call's text arguments.
template <std::size_t N>
constexpr FormatError check_format(std::string_view format,
                                   const std::array<std::string_view, N>& types) {
  std::array<bool, N + 1> used{};
  FormatError wrong;
  const FormatError split = split_format(format, [&](const FormatSegment& segment) {
    if (segment.arg == FormatSegment::kLiteral || wrong.what != nullptr) return;
    if (segment.arg >= N) {
      wrong = {"the format has more placeholders than the call has arguments"};
      return;
    }
    used[segment.arg] = true;
    for (const std::uint16_t number : {segment.width_arg, segment.precision_arg}) {
      if (number == FormatSegment::kNoArg) continue;
      if (number >= N) {
        wrong = {"the format has more placeholders than the call has arguments"};
        return;
      }
      used[number] = true;
      if (!is_number_arg(types[number])) {
        wrong = {"the argument of a width or precision is an integer of up to 64 bits"};
        return;
      }
    }
    wrong = check_spec(format.substr(segment.begin, segment.size), types[segment.arg]);
  });
  if (split.what != nullptr) return split;
  if (wrong.what != nullptr) return wrong;
  for (std::size_t i = 0; i < N; ++i) {
    if (!used[i]) return {"the call has more arguments than the format has placeholders"};
  }
  return {};
}

/// Checks the arguments of a call of this kind; a log call's against its format.
template <SiteKind kKind, class... A>
consteval FormatError check_call(std::string_view text) {
  constexpr std::size_t kTexts = (std::size_t{0} + ... + (Arg<A>::kRole == ArgRole::kText));
  if constexpr (kKind == SiteKind::kLog) {
    std::array<std::string_view, kTexts> types{};
    std::size_t count = 0;
    const auto add = [&](ArgRole role, std::string_view type) {
      if (role == ArgRole::kText) types[count++] = type;
    };
    (add(Arg<A>::kRole, kTypeCode<typename Arg<A>::Value>.view()), ...);
    return check_format(text, types);
  } else if constexpr (kTexts != 0) {
    return {"this call takes kv(), payload(), rate(), logger(), severity(), and nothing bare"};
  } else {
    return {};
  }
}

/// The message of a FormatError as a template argument, which is where g++ shows it.
template <std::size_t N>
struct ErrorText {
  char text[N];
};

template <class Tag, SiteKind kKind, class... A>
consteval auto error_text() {
  constexpr FormatError kError = check_call<kKind, A...>(Tag::text().text);
  ErrorText<std::string_view(kError.what).size() + 1> error{};
  std::string_view(kError.what).copy(error.text, sizeof error.text);
  return error;
}

/// Not a constant expression, and defined nowhere.
void stop_compiling();

/// Never a constant expression, so that the compiler stops at a wrong call and shows this name and
/// the reason: clang++ shows the function's argument, g++ the template's.
template <ErrorText kWhy>
constexpr void this_call_is_wrong(const char* why) {
  if (why != nullptr) stop_compiling();
}

/// True, or a compile-time error that says what is wrong with the call of this site.
template <class Tag, SiteKind kKind, class... A>
consteval bool call_is_right() {
  constexpr FormatError kError = check_call<kKind, A...>(Tag::text().text);
  if constexpr (kError.what != nullptr) {
    this_call_is_wrong<error_text<Tag, kKind, A...>()>(kError.what);
  }
  return true;
}

}  // namespace metlog
