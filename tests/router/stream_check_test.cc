#include "tools/router/stream_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

#include "metlog/internal/codec/frame_header.h"
#include "tools/router/input/sequence_table.h"

namespace metlog {
namespace {

using testing::ElementsAre;

/// A stream whose frames come, or do not.
class StreamCheckTest : public testing::Test {
 protected:
  void came(std::uint64_t first, std::uint32_t count) {
    FrameHeader header;
    header.session.fill(1);
    header.sequence = first;
    header.count = count;
    table_.note(header);
  }
  void says(const StatsReport::Stream& claim, bool was_here = true) {
    const auto arrivals = table_.find(session_, 0);
    check_.note(claim, was_here, arrivals.has_value() ? &*arrivals : nullptr);
  }
  StreamCheck::Result result(bool is_closed = false) {
    const auto arrivals = table_.find(session_, 0);
    return check_.result(is_closed, arrivals.has_value() ? &*arrivals : nullptr);
  }

  SequenceTable table_;
  const SequenceTable::SessionId session_ = [] {
    SequenceTable::SessionId id;
    id.fill(1);
    return id;
  }();
  StreamCheck check_{0};
};

TEST_F(StreamCheckTest, FindsWhatWasLostOnTheWay) {
  came(0, 5);
  came(8, 2);
  says({0, 10, 10, 0});
  EXPECT_EQ(result().lost_on_way, 3U);
  EXPECT_EQ(result().undecided, 0U);
  EXPECT_THAT(result().ledger.ranges, ElementsAre(NumberRange{5, 3}));
}

TEST_F(StreamCheckTest, FindsWhatWasLostAtBothEnds) {
  came(4, 2);
  says({0, 9, 9, 0});
  EXPECT_EQ(result().lost_on_way, 4U) << "the rest may be on its way";
  EXPECT_EQ(result(true).lost_on_way, 7U);
  EXPECT_THAT(result(true).ledger.ranges, ElementsAre(NumberRange{0, 4}, NumberRange{6, 3}));
}

TEST_F(StreamCheckTest, LeavesOutWhatTheClientHasLost) {
  came(0, 5);
  came(15, 5);
  says({0, 20, 20, 7});
  EXPECT_EQ(result().lost_on_way, 3U);
  EXPECT_EQ(result().ledger.missing, 10U);
}

TEST_F(StreamCheckTest, DoesNotDecideWhatTheClientHasNotSettled) {
  came(0, 5);
  came(8, 2);
  came(15, 1);
  says({0, 16, 12, 1});
  EXPECT_EQ(result().lost_on_way, 3U + 2U - 1U) << "5 to 7 and 10, 11; the client has lost one";
  EXPECT_EQ(result().undecided, 3U);
  says({0, 16, 16, 2});
  EXPECT_EQ(result().lost_on_way, 6U);
  EXPECT_EQ(result().undecided, 0U);
}

TEST_F(StreamCheckTest, TakesWhatWasBeforeTheRouterForNoLoss) {
  came(100, 5);
  came(107, 3);
  says({0, 110, 108, 0}, false);
  EXPECT_EQ(result().lost_on_way, 2U);
  EXPECT_EQ(result().ledger.since, 100U);
  came(112, 1);
  says({0, 113, 113, 1}, false);
  EXPECT_EQ(result().lost_on_way, 3U);
}

TEST_F(StreamCheckTest, DoesNotGuessWhichLossesWereBeforeTheRouter) {
  came(100, 5);
  came(107, 3);
  says({0, 110, 108, 30}, false);  // of them some may be 105 and 106
  EXPECT_EQ(result().lost_on_way, 0U);
  EXPECT_EQ(result().undecided, 2U);
  came(115, 1);
  says({0, 116, 116, 31}, false);
  EXPECT_EQ(result().lost_on_way, 4U);
  EXPECT_EQ(result().undecided, 2U);
}

TEST_F(StreamCheckTest, MissesAllOfAStreamOfWhichNothingCame) {
  says({0, 6, 6, 2});
  EXPECT_EQ(result().lost_on_way, 0U);
  EXPECT_EQ(result(true).lost_on_way, 4U);
  EXPECT_THAT(result(true).ledger.ranges, ElementsAre(NumberRange{0, 6}));
}

TEST_F(StreamCheckTest, SurvivesHostileNumbers) {
  constexpr std::uint64_t kMost = StatsReport::kMost;
  came(~std::uint64_t{0} - 1, 1);
  says({0, kMost, kMost, kMost});
  says({0, kMost, 0, 0}, false);
  const StreamCheck::Result closed = result(true);
  EXPECT_LE(closed.ledger.ranges.size(), 2U);
  EXPECT_LE(closed.lost_on_way, closed.ledger.missing);
}

}  // namespace
}  // namespace metlog
