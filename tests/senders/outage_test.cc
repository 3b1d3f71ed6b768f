#include "senders/file/outage.h"

#include <gtest/gtest.h>

namespace metlog {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Outage, HoldsForItsLimitFromTheFirstRefusalOn) {
  Outage outage(seconds(2));
  Outage::TimePoint now{};
  EXPECT_TRUE(outage.may_try(now));
  EXPECT_TRUE(outage.holds(100'000, now));
  EXPECT_TRUE(outage.may_try(now += milliseconds(1)));
  EXPECT_TRUE(outage.holds(0, now += milliseconds(1998)));
  EXPECT_FALSE(outage.holds(0, now += milliseconds(1)));
}

TEST(Outage, HoldsAnewWhileWholeMessagesAreTaken) {
  Outage outage(seconds(2));
  Outage::TimePoint now{};
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(outage.holds(1, now += seconds(1)));
  EXPECT_TRUE(outage.holds(0, now += milliseconds(1999)));
  EXPECT_FALSE(outage.holds(0, now += milliseconds(1)));
}

TEST(Outage, TriesFromTimeToTimeWhenItsHoldIsOverAndHoldsNoMore) {
  Outage outage(milliseconds(0));
  Outage::TimePoint now{};
  EXPECT_FALSE(outage.holds(0, now));
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(outage.may_try(now += Outage::kProbeInterval - milliseconds(1)));
    EXPECT_TRUE(outage.may_try(now += milliseconds(1)));
    EXPECT_FALSE(outage.holds(i % 3 == 0 ? 100 : 0, now));
  }
}

TEST(Outage, IsNotEndedByRoomForAFewMessages) {
  Outage outage(seconds(2));
  Outage::TimePoint now{};
  EXPECT_TRUE(outage.holds(0, now));
  EXPECT_FALSE(outage.holds(0, now += seconds(2)));
  now += Outage::kProbeInterval;
  for (std::size_t taken = 0; taken + 1000 < Outage::kProof; taken += 1000) {
    outage.note_taken(1000, now);
    EXPECT_TRUE(outage.may_try(now));
  }
  EXPECT_FALSE(outage.holds(0, now));
}

TEST(Outage, EndsWhenMuchWasTakenOrNothingRefusedForAWhile) {
  for (const bool is_much : {true, false}) {
    Outage outage(seconds(2));
    Outage::TimePoint now{};
    EXPECT_TRUE(outage.holds(0, now));
    EXPECT_FALSE(outage.holds(0, now += seconds(2)));
    outage.note_taken(is_much ? Outage::kProof : 1, now += is_much ? seconds(1) : Outage::kQuiet);
    EXPECT_TRUE(outage.holds(0, now += milliseconds(1)));
    EXPECT_FALSE(outage.holds(0, now += seconds(2)));
  }
}

}  // namespace
}  // namespace metlog
