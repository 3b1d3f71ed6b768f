#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "metlog/internal/site/arg.h"
#include "metlog/internal/site/format_text.h"
#include "metlog/internal/site/gate.h"
#include "metlog/internal/site/type_code.h"

namespace metlog {

/// The parts of a specification (`>8.3f`) that decide whether it fits a type.
struct FormatSpec {
  char type = 0;  // 0 when none is given
  bool has_sign = false;
  bool has_precision = false;
  bool has_alternate = false;
  bool has_zero = false;
  bool is_valid = true;
};

/// Reads [[fill]align][sign][#][0][width][.precision][type]; a width or precision taken from an
/// argument is not supported.
constexpr FormatSpec read_format_spec(std::string_view text) {
  FormatSpec spec;
  std::size_t i = 0;
  const auto is_align = [&](std::size_t at) {
    return at < text.size() && (text[at] == '<' || text[at] == '>' || text[at] == '^');
  };
  const auto is_digit = [&] { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
  if (is_align(1)) {
    i = 2;
  } else if (is_align(0)) {
    i = 1;
  }
  if (i < text.size() && (text[i] == '+' || text[i] == '-' || text[i] == ' ')) {
    spec.has_sign = true;
    ++i;
  }
  if (i < text.size() && text[i] == '#') {
    spec.has_alternate = true;
    ++i;
  }
  if (i < text.size() && text[i] == '0') {
    spec.has_zero = true;
    ++i;
  }
  std::size_t width_digits = 0;
  for (; is_digit(); ++i) ++width_digits;
  std::size_t precision_digits = 0;
  if (i < text.size() && text[i] == '.') {
    spec.has_precision = true;
    for (++i; is_digit(); ++i) ++precision_digits;
    if (precision_digits == 0) spec.is_valid = false;
  }
  if (i < text.size()) spec.type = text[i++];
  if (i != text.size() || width_digits > 4 || precision_digits > 4) spec.is_valid = false;
  return spec;
}

/// Returns what is wrong with printing a value of this type code by this specification.
constexpr FormatError check_spec(std::string_view text, std::string_view type) {
  if (text.empty()) return {};
  const FormatSpec spec = read_format_spec(text);
  if (!spec.is_valid) return {"the format's specification cannot be read"};
  const auto one_of = [&](std::string_view letters) {
    return spec.type == 0 || letters.find(spec.type) != std::string_view::npos;
  };
  const bool is_numeric = spec.has_sign || spec.has_alternate || spec.has_zero;
  switch (type[0]) {
    case 'u':
    case 'm':
      if (spec.has_sign) return {"only a signed number is printed with a sign"};
      [[fallthrough]];
    case 'i':
    case 'l':
      if (!one_of("bBcdoxX")) return {"an integer is printed with one of b B c d o x X"};
      if (spec.has_precision) return {"an integer has no precision"};
      return {};
    case 'f':
    case 'd':
      if (!one_of("aAeEfFgG"))
        return {"a floating-point number is printed with one of a A e E f F g G"};
      return {};
    case 'b':
      if (!one_of("sbBdoxX")) return {"a bool is printed with one of s b B d o x X"};
      if (spec.has_precision || spec.has_sign) return {"a bool has neither precision nor sign"};
      if (is_numeric && one_of("s")) return {"a bool as a word has neither '#' nor '0'"};
      return {};
    case 'c':
      if (!one_of("cbBdoxX")) return {"a char is printed with one of c b B d o x X"};
      if (spec.has_precision) return {"a char has no precision"};
      if (is_numeric && one_of("c")) return {"a char has neither sign nor '#' nor '0'"};
      return {};
    case 's':
      if (!one_of("s")) return {"a string is printed with s"};
      if (is_numeric) return {"a string has neither sign nor '#' nor '0'"};
      return {};
    case 'p':
      if (!one_of("p")) return {"a pointer is printed with p"};
      if (is_numeric || spec.has_precision) return {"a pointer has no sign, '#', '0', precision"};
      return {};
    default:
      return {"this type is printed with {} alone"};
  }
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

/// Never a constant expression, so that the compiler stops at a wrong call and shows this name and
/// the reason: clang++ shows the function's argument, g++ the template's.
template <ErrorText kWhy>
constexpr void this_call_is_wrong(const char* why) {
  throw why;
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
