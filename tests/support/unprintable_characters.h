#pragma once

#include <string>
#include <vector>

namespace metlog {

/// Returns the UTF-8 of a character.
inline std::string utf8(char32_t character) {
  const auto tail = [&](int shift) {
    return static_cast<char>(0x80 | (character >> shift & 0x3F));
  };
  if (character < 0x80) return {static_cast<char>(character)};
  if (character < 0x800) return {static_cast<char>(0xC0 | character >> 6), tail(0)};
  if (character < 0x10000) {
    return {static_cast<char>(0xE0 | character >> 12), tail(6), tail(0)};
  }
  return {static_cast<char>(0xF0 | character >> 18), tail(12), tail(6), tail(0)};
}

/// Returns all characters but surrogates, in order.
inline std::vector<char32_t> all_characters() {
  std::vector<char32_t> characters;
  for (char32_t character = 0; character <= 0x10FFFF; ++character) {
    if (character < 0xD800 || character > 0xDFFF) characters.push_back(character);
  }
  return characters;
}

/// The characters that the table of unprintable.h must hold, from Unicode 15, as a second list:
/// ranges with their first and last character.
inline constexpr char32_t kExpectedUnprintable[][2] = {
    {0x00, 0x1F},       {0x7F, 0x7F},       {0x80, 0x9F},       {0xAD, 0xAD},
    {0x34F, 0x34F},     {0x61C, 0x61C},     {0x115F, 0x1160},   {0x17B4, 0x17B5},
    {0x180E, 0x180E},   {0x200B, 0x200B},   {0x200C, 0x200D},   {0x200E, 0x200F},
    {0x2028, 0x2029},   {0x202A, 0x202E},   {0x2060, 0x2060},   {0x2061, 0x2064},
    {0x2065, 0x2065},   {0x2066, 0x2069},   {0x206A, 0x206F},   {0x3164, 0x3164},
    {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFF8},   {0xFFF9, 0xFFFB},
    {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0000}, {0xE0001, 0xE0001},
    {0xE0002, 0xE001F}, {0xE0020, 0xE007F}, {0xE0080, 0xE00FF}, {0xE0100, 0xE01EF},
    {0xE01F0, 0xE0FFF},
};

inline bool is_expected_unprintable(char32_t character) {
  for (const auto& [first, last] : kExpectedUnprintable) {
    if (first <= character && character <= last) return true;
  }
  return false;
}

}  // namespace metlog
