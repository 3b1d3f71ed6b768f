#pragma once

#include <cstddef>
#include <iterator>

namespace metlog {

struct CharacterRange {
  char32_t first;
  char32_t last;
};

/// The characters that is_unprintable() names, in order: Unicode's controls (Cc), line and
/// paragraph separators (Zl, Zp), interlinear annotations and all of Default_Ignorable_Code_Point,
/// with one exception. The variation selectors of the basic plane choose the glyph of the visible
/// character before them; emoji and Mongolian need them.
inline constexpr CharacterRange kUnprintable[] = {
    {0x0000, 0x001F},    // C0 controls
    {0x007F, 0x009F},    // DEL and the C1 controls
    {0x00AD, 0x00AD},    // soft hyphen
    {0x034F, 0x034F},    // combining grapheme joiner
    {0x061C, 0x061C},    // Arabic letter mark: turns the direction
    {0x115F, 0x1160},    // Hangul fillers
    {0x17B4, 0x17B5},    // Khmer vowels without a shape
    {0x180E, 0x180E},    // Mongolian vowel separator
    {0x200B, 0x200F},    // zero-width space, joiners, direction marks
    {0x2028, 0x202E},    // line and paragraph separator, direction embeddings and overrides
    {0x2060, 0x206F},    // word joiner, invisible operators, direction isolates
    {0x3164, 0x3164},    // Hangul filler
    {0xFEFF, 0xFEFF},    // zero-width no-break space, the byte order mark
    {0xFFA0, 0xFFA0},    // halfwidth Hangul filler
    {0xFFF0, 0xFFFB},    // unassigned and ignorable; interlinear annotations
    {0x1BCA0, 0x1BCA3},  // shorthand format controls
    {0x1D173, 0x1D17A},  // musical format controls
    {0xE0000, 0xE0FFF},  // tag characters, ideographic variation selectors
};

/// True for a character that neither a terminal nor a line of text gets raw, because it moves the
/// cursor, ends the line, turns the reading direction or cannot be seen. append_line_text() and
/// escape_for_terminal() write such characters escaped.
[[nodiscard]] constexpr bool is_unprintable(char32_t character) {
  // Letters are found early, and the loops are short enough to be unrolled.
  constexpr std::size_t kLetterRanges = 8;
  constexpr char32_t kPunctuation = 0x2000;
  static_assert(kUnprintable[kLetterRanges - 1].last < kPunctuation &&
                kUnprintable[kLetterRanges].first >= kPunctuation);
  if (character < kPunctuation) {
    for (std::size_t i = 0; i < kLetterRanges; ++i) {
      if (character <= kUnprintable[i].last) return character >= kUnprintable[i].first;
    }
    return false;
  }
  for (std::size_t i = kLetterRanges; i < std::size(kUnprintable); ++i) {
    if (character <= kUnprintable[i].last) return character >= kUnprintable[i].first;
  }
  return false;
}

}  // namespace metlog
