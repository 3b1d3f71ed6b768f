#include "tools/router/input/frame_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/router/batched.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FrameReaderTest : public testing::Test {
 protected:
  /// The texts of the messages; each is asked for its padding.
  std::vector<std::string> read(const std::string& frame, std::size_t cut = 0) {
    // A block of its own, with no padding after a batched frame, so that the address sanitizer
    // sees who reads there.
    const bool batched = is_batched_frame(frame);
    const std::size_t size = frame.size() - cut;
    const auto bytes = std::make_unique<char[]>(size + (batched ? 0 : kFramePadding));
    frame.copy(bytes.get(), size);
    std::vector<std::string> texts;
    reader_.read({{bytes.get(), size}, frame.size()}, [&](const MessageBytes& message) {
      texts.emplace_back(message.text);
      sent_bytes_.push_back(message.sent_bytes);
      for (std::size_t i = 0; i < kFramePadding; ++i) padding_sum_ += message.text.end()[i];
    });
    ++frames_;
    messages_ += texts.size();
    const FrameCounts& counts = reader_.counts();
    EXPECT_EQ(counts.plain + counts.batched + counts.damaged_total(), frames_);
    EXPECT_EQ(counts.messages(), messages_);
    return texts;
  }

  /// A damaged frame: none of its lines is read, and it is counted for this reason alone.
  void expect_damaged(const std::string& frame, FrameDamage damage, std::size_t cut = 0) {
    const FrameCounts before = reader_.counts();
    EXPECT_THAT(read(frame, cut), IsEmpty());
    const auto at = static_cast<std::size_t>(damage);
    EXPECT_EQ(reader_.counts().damaged[at], before.damaged[at] + 1) << name_of(damage);
    EXPECT_EQ(reader_.counts().damaged_total(), before.damaged_total() + 1);
    EXPECT_EQ(reader_.sequences().counts().streams, streams_);
  }

  FrameReader reader_{1000};
  std::vector<std::size_t> sent_bytes_;
  std::uint64_t frames_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t streams_ = 0;
  int padding_sum_ = 0;
};

TEST_F(FrameReaderTest, HandsOverAPlainFrameAsItIs) {
  EXPECT_THAT(read("plain"), ElementsAre("plain"));
  EXPECT_THAT(read(""), ElementsAre(""));
  EXPECT_EQ(reader_.counts().plain, 2U);
}

TEST_F(FrameReaderTest, HandsOverEveryLineInOrder) {
  EXPECT_THAT(read(batched({"one", "", "three"})), ElementsAre("one", "", "three"));
  EXPECT_EQ(reader_.counts().batched, 1U);
  EXPECT_EQ(reader_.counts().lines, 3U);
}

TEST_F(FrameReaderTest, IgnoresThePadding) {
  for (const std::size_t padding : {1U, 63U, 64U, 65U, 1000U}) {
    EXPECT_THAT(read(batched({"one", "two"}, {.padding = padding})), ElementsAre("one", "two"));
  }
}

TEST_F(FrameReaderTest, HandsOverLinesOfEveryLengthWholeWithPaddingBehindThem) {
  for (std::size_t size = 0; size < 200; ++size) {
    const std::vector<std::string> lines = {std::string(size, 'a'), std::string(200 - size, 'b')};
    EXPECT_EQ(read(batched(lines)), lines);
  }
}

TEST_F(FrameReaderTest, TellsTheLengthOfALineThatIsTooLongForItsPlace) {
  const std::vector<std::string> texts = read(batched({"x", std::string(5000, 'y')}));
  EXPECT_THAT(texts, ElementsAre("x", std::string(1000, 'y')));
  EXPECT_THAT(sent_bytes_, ElementsAre(1, 5000));
}

TEST_F(FrameReaderTest, ReadsNoFrameInsideALine) {
  const std::string inner = batched({"a"});
  const std::string outer =
      batched_body(inner, static_cast<std::uint32_t>(std::count(inner.begin(), inner.end(), '\n')));
  std::string joined;
  for (const std::string& line : read(outer)) joined += line + "\n";
  EXPECT_EQ(joined, inner);
  EXPECT_EQ(reader_.counts().batched, 1U);
}

TEST_F(FrameReaderTest, ReadsNothingOfAFrameThatIsDamaged) {
  const std::string good = batched({"one", "two"});
  expect_damaged(good.substr(0, 1), FrameDamage::kTruncated);
  expect_damaged(good.substr(0, FrameHeader::kBytes), FrameDamage::kTruncated);
  expect_damaged(good.substr(0, good.size() - 1), FrameDamage::kTruncated);
  expect_damaged(good + "\n", FrameDamage::kTrailing);
  expect_damaged(good + good, FrameDamage::kTrailing);
  expect_damaged(good, FrameDamage::kTooLong, 1);
  std::string other = good;
  other[4] = 2;
  expect_damaged(other, FrameDamage::kVersion);
  other = good;
  other.back() = 'x';
  expect_damaged(other, FrameDamage::kChecksum);
}

TEST_F(FrameReaderTest, ReadsNothingOfAFrameWithAnotherNumberOfLines) {
  for (const std::int64_t error : {-2, -1, 1, 1000}) {
    expect_damaged(batched({"one", "two"}, {.count_error = error}), FrameDamage::kLineCount);
  }
  expect_damaged(batched_body("one", 0xffffffff), FrameDamage::kLineCount);
  expect_damaged(batched_body("", 0), FrameDamage::kLineCount);
  expect_damaged(batched_body("", 1, {.padding = 100}), FrameDamage::kLineCount);
  expect_damaged(batched_body("one\ntwo", 1), FrameDamage::kLineCount);
  expect_damaged(batched_body("one\ntwo", 2), FrameDamage::kLineCount);
  expect_damaged(batched_body(std::string(1000, '\0'), 1), FrameDamage::kLineCount);
  EXPECT_THAT(read(batched({"after"})), ElementsAre("after"));
}

TEST_F(FrameReaderTest, SeesEveryBitThatTurned) {
  const std::string good = batched({"{\"a\":1}"}, {.padding = 3});
  for (std::size_t bit = 8; bit < good.size() * 8; ++bit) {
    std::string turned = good;
    turned[bit / 8] = static_cast<char>(turned[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_THAT(read(turned), IsEmpty()) << bit;
  }
  EXPECT_EQ(reader_.counts().damaged_total(), good.size() * 8 - 8);
}

TEST_F(FrameReaderTest, ShowsWhatADamagedFrameHeldAsMissing) {
  read(batched({"0", "1"}));
  read(batched({"2", "3"}, {.sequence = 2}).substr(0, 50));
  read(batched({"4"}, {.sequence = 4}));
  EXPECT_EQ(reader_.sequences().counts().missing, 2U);
}

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
