#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "metlog/internal/base/utf8.h"
#include "metlog/internal/site/type_concepts.h"

namespace metlog {

/// Strings of wchar_t, char16_t and char32_t as UTF-8. A surrogate without its other half and a
/// number above U+10FFFF become U+FFFD, as invalid UTF-8 does when a message is written.

/// A string of wide characters.
template <WideCharacter C>
struct WideSpan {
  const C* begin;
  const C* end;
};

/// Returns the next character of a string that is not at its end, and moves its begin past it.
template <WideCharacter C>
constexpr Utf8Character take_character(WideSpan<C>& text) {
  // wchar_t is UTF-32 where it has four bytes; its negative numbers are above every code point.
  const auto unit = static_cast<char32_t>(*text.begin++);
  if constexpr (sizeof(C) == 2) {
    const bool is_first_half = unit >= 0xD800 && unit < 0xDC00;
    if (is_first_half && text.begin != text.end) {
      const auto other = static_cast<char32_t>(*text.begin);
      if (other >= 0xDC00 && other < 0xE000) {
        ++text.begin;
        return utf8_character(0x10000 + ((unit - 0xD800) << 10) + (other - 0xDC00));
      }
    }
  }
  return utf8_character(unit);
}

template <WideCharacter C>
inline constexpr C kNullWide[] = {'(', 'n', 'u', 'l', 'l', ')'};

/// Returns the string of a value; "(null)" for a null pointer. An array need not end in a zero.
template <ConvertedText T>
constexpr auto wide_span(const T& value) {
  if constexpr (WideText<T>) {
    return WideSpan<typename T::traits_type::char_type>{value.data(), value.data() + value.size()};
  } else {
    using C = Pointee<T>;
    if constexpr (!std::is_array_v<T>) {
      if (value == nullptr) return WideSpan<C>{std::begin(kNullWide<C>), std::end(kNullWide<C>)};
    }
    const C* end = value;
    if constexpr (std::is_array_v<T>) {
      while (end != value + std::extent_v<T> && *end != 0) ++end;
    } else {
      while (*end != 0) ++end;
    }
    return WideSpan<C>{value, end};
  }
}

/// Returns the bytes that the string takes in UTF-8.
template <WideCharacter C>
constexpr std::size_t utf8_bytes(WideSpan<C> text) {
  std::size_t bytes = 0;
  while (text.begin != text.end) bytes += take_character(text).size;
  return bytes;
}

/// Puts the string as UTF-8, without a length.
template <class Target, WideCharacter C>
Target put_utf8(Target to, WideSpan<C> text) {
  while (text.begin != text.end && to.fits()) {
    const Utf8Character character = take_character(text);
    to = to.put(character.bytes, character.size);
  }
  return to;
}

}  // namespace metlog
