#include "tools/router/input/frame_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace metlog {
namespace {

TEST(LineCount, CountsNewlinesAndNothingElse) {
  EXPECT_EQ(count_lines(""), 0U);
  EXPECT_EQ(count_lines("no line ends here\r\v\x8a"), 0U);
  std::mt19937 random(2013);
  const std::string signs = "\n\n\r a\x8a\xff";
  for (std::size_t size = 0; size < 700; ++size) {
    std::string text(size, ' ');
    for (char& byte : text) byte = signs[random() % signs.size()];
    ASSERT_EQ(count_lines(text),
              static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')));
  }
}

// More steps than a byte can count, and one more.
TEST(LineCount, CountsMoreLinesThanAByteHolds) {
  for (const std::size_t size : {16U * 255, 16U * 256, 16U * 511 + 7, 100'000U}) {
    EXPECT_EQ(count_lines(std::string(size, '\n')), size);
  }
}

}  // namespace
}  // namespace metlog
