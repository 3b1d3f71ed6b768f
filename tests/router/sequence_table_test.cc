#include "tools/router/input/sequence_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace metlog {
namespace {

using testing::IsEmpty;

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

FrameHeader frame(std::uint64_t sequence, std::uint32_t count, std::uint32_t stream = 0) {
  FrameHeader header;
  header.session.fill(0xab);
  header.stream = stream;
  header.sequence = sequence;
  header.count = count;
  return header;
}

TEST(SequenceTable, FindsNothingMissingInOrder) {
  SequenceTable table;
  for (std::uint64_t i = 0; i < 10; ++i) table.note(frame(7 * i, 7));
  EXPECT_EQ(table.counts().missing, 0U);
  EXPECT_EQ(table.counts().late_frames, 0U);
  EXPECT_EQ(table.counts().streams, 1U);
  EXPECT_THAT(table.worst(10), IsEmpty());
}

TEST(SequenceTable, CountsAsMissingWhatAStreamHadBeforeItsFirstFrame) {
  SequenceTable table;
  table.note(frame(7'345, 5));
  table.note(frame(7'352, 1));
  table.note(frame(1, 1, 1));
  EXPECT_EQ(table.counts().missing, 7'348U);
  EXPECT_EQ(table.counts().missing_at_start, 7'346U);
  ASSERT_EQ(table.worst(10).size(), 2U);
  EXPECT_EQ(table.worst(10)[0].missing, 7'347U);
  EXPECT_EQ(table.worst(10)[0].missing_at_start, 7'345U);
}

TEST(SequenceTable, TakesAFirstFrameThatWasOvertakenForLate) {
  SequenceTable table;
  table.note(frame(5, 5));
  table.note(frame(0, 5));
  table.note(frame(10, 5));
  EXPECT_EQ(table.counts().missing, 5U);
  EXPECT_EQ(table.counts().late_messages, 5U);
}

TEST(SequenceTable, CountsWhatIsMissingBetweenTwoFrames) {
  SequenceTable table;
  table.note(frame(0, 5));
  table.note(frame(8, 2));
  table.note(frame(11, 1));
  EXPECT_EQ(table.counts().missing, 4U);
}

TEST(SequenceTable, CountsWhatCameLateOrTwice) {
  SequenceTable table;
  table.note(frame(0, 5));
  table.note(frame(8, 2));
  table.note(frame(5, 3));  // late
  table.note(frame(8, 2));  // twice
  table.note(frame(10, 1));
  EXPECT_EQ(table.counts().missing, 3U);
  EXPECT_EQ(table.counts().late_frames, 2U);
  EXPECT_EQ(table.counts().late_messages, 5U);
}

TEST(SequenceTable, KeepsStreamsAndSessionsApart) {
  SequenceTable table;
  FrameHeader other = frame(500, 1);
  other.session.fill(1);
  table.note(frame(0, 1, 0));
  table.note(frame(100, 1, 1));
  table.note(other);
  table.note(frame(1, 1, 0));
  table.note(frame(103, 1, 1));
  EXPECT_EQ(table.counts().streams, 3U);
  EXPECT_EQ(table.counts().missing, 602U);
  EXPECT_EQ(table.counts().missing_at_start, 600U);
  ASSERT_EQ(table.worst(10).size(), 2U);
  EXPECT_EQ(table.worst(10)[0].session, "01010101010101010101010101010101");
  const SequenceStream second = table.worst(10)[1];
  EXPECT_EQ(second.session, "abababababababababababababababab");
  EXPECT_EQ(second.number, 1U);
  EXPECT_EQ(second.messages, 2U);
  EXPECT_EQ(second.missing, 102U);
}

TEST(SequenceTable, NamesTheWorstStreamsFirst) {
  SequenceTable table;
  for (std::uint32_t stream = 0; stream < 20; ++stream) {
    table.note(frame(0, 1, stream));
    table.note(frame(1 + stream, 1, stream));
  }
  const std::vector<SequenceStream> worst = table.worst(2);
  ASSERT_EQ(worst.size(), 2U);
  EXPECT_EQ(worst[0].number, 19U);
  EXPECT_EQ(worst[1].number, 18U);
}

TEST(SequenceTable, ForgetsTheStreamThatWasSilentForLongest) {
  SequenceTable table;
  const auto most = static_cast<std::uint32_t>(SequenceTable::kMaxStreams);
  for (std::uint32_t stream = 0; stream < most; ++stream) table.note(frame(0, 1, stream));
  table.note(frame(1, 1, 0));     // heard of again
  table.note(frame(0, 1, most));  // 1 goes
  EXPECT_EQ(table.counts().forgotten, 1U);
  table.note(frame(5, 1, 0));
  EXPECT_EQ(table.counts().missing, 3U);
  table.note(frame(9, 1, 1));  // counted as a new one, of which it is unknown what came before
  EXPECT_EQ(table.counts().missing, 3U);
  EXPECT_EQ(table.counts().missing_at_start, 0U);
  EXPECT_EQ(table.counts().unknown_at_start, 9U);
  EXPECT_EQ(table.counts().streams, most + 2U);
  EXPECT_EQ(table.counts().forgotten, 2U);
}

TEST(SequenceTable, OverflowsNowhere) {
  SequenceTable table;
  table.note(frame(0, 1));
  table.note(frame(kMax, 0xffffffff));
  EXPECT_EQ(table.counts().missing, kMax - 1);
  table.note(frame(kMax, 1));
  table.note(frame(0, 1, 1));
  table.note(frame(kMax, 1, 1));
  EXPECT_EQ(table.counts().missing, kMax);
}

}  // namespace
}  // namespace metlog
