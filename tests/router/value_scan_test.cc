#include "tools/router/decode/value_scan.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "tools/router/input/frame.h"

namespace metlog {
namespace {

/// The size of the value that the text begins with; -1 when there is none that the scan takes.
std::ptrdiff_t scanned(const std::string& text, char padding = '\0') {
  const std::string padded = text + std::string(kFramePadding, padding);
  ValueScan scan{padded.data() + text.size(), 8};
  const char* const end = scan_value(padded.data(), scan, 1);
  return end == nullptr ? -1 : end - padded.data();
}

TEST(LeadingDigits, AreCountedUpToTheFirstOtherByte) {
  for (int other = 0; other < 256; ++other) {
    if (other >= '0' && other <= '9') continue;
    for (unsigned count = 0; count < 8; ++count) {
      std::string text(8, '7');
      for (unsigned i = count; i < 8; ++i) text[i] = i == count ? static_cast<char>(other) : '9';
      ASSERT_EQ(leading_digits(text.data()), count) << other;
    }
  }
  EXPECT_EQ(leading_digits("01234567"), 8U);
}

TEST(ValueScan, EndsBehindNumbersOfUpToSeventeenDigits) {
  for (std::size_t digits = 1; digits < 30; ++digits) {
    const std::string number(digits, '1');
    const std::ptrdiff_t expected = digits <= 17 ? static_cast<std::ptrdiff_t>(digits) : -1;
    EXPECT_EQ(scanned(number), expected);
    EXPECT_EQ(scanned("-" + number), expected < 0 ? -1 : expected + 1);
    EXPECT_EQ(scanned("1." + number), digits < 17 ? expected + 2 : -1);
    EXPECT_EQ(scanned("1e" + number), digits <= 2 ? expected + 2 : -1);
  }
}

// The bytes after a text belong to another message, or to none.
TEST(ValueScan, TakesNothingThatExtendsPastTheText) {
  for (const char* value : {R"("text")", R"({"a":[1,"b"]})", "[true]"}) {
    const std::string whole = value;
    for (std::size_t size = 0; size < whole.size(); ++size) {
      for (const char padding : {'"', '}', ']', '0', '\0'}) {
        const std::ptrdiff_t end = scanned(whole.substr(0, size), padding);
        EXPECT_TRUE(end == -1 || end > static_cast<std::ptrdiff_t>(size)) << size << padding;
      }
    }
    EXPECT_EQ(scanned(whole), static_cast<std::ptrdiff_t>(whole.size()));
  }
}

}  // namespace
}  // namespace metlog
