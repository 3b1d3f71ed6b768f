#include "metlog/internal/text/unprintable.h"

#include <algorithm>
#include <iterator>

namespace metlog {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Unicode's controls (Cc), line and paragraph separators (Zl, Zp), interlinear annotations and all
// of Default_Ignorable_Code_Point, with one exception. The variation selectors of the basic plane
// choose the glyph of the character before them, which can be seen; emoji and Mongolian need them.
constexpr Range kUnprintable[] = {
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

}  // namespace

bool is_unprintable(char32_t character) {
  const Range* const range =
      std::lower_bound(std::begin(kUnprintable), std::end(kUnprintable), character,
                       [](const Range& left, char32_t right) { return left.last < right; });
  return range != std::end(kUnprintable) && range->first <= character;
}

}  // namespace metlog
