#include "tests/ring/model/batch_model.h"

#include <gtest/gtest.h>

#include <iostream>

namespace metlog {
namespace {

TEST(BatchModel, LosesNothingAndNumbersNothingTwiceWhoeverDiesWhen) {
  const BatchExploration found = explore_batches(BatchFault::kNone);
  EXPECT_EQ(found.violation, "");
  std::cout << found.states << " states, " << found.images << " images recovered\n";
  EXPECT_GE(found.states, 100U);
  EXPECT_GE(found.images, 1000U);
}

struct Seeded {
  BatchFault fault;
  const char* violation;
};

class BatchModelFinds : public testing::TestWithParam<Seeded> {};

TEST_P(BatchModelFinds, TheSeededFault) {
  EXPECT_EQ(explore_batches(GetParam().fault).violation, GetParam().violation);
}

constexpr const char* kLost = "a record is lost whose call had returned";
constexpr const char* kTorn = "a torn record was sent";
constexpr const char* kTwice = "a record came under two numbers";
constexpr const char* kSameNumber = "two records have one number";

INSTANTIATE_TEST_SUITE_P(All, BatchModelFinds,
                         testing::Values(Seeded{BatchFault::kDrainsBeforeItCounts, kLost},
                                         Seeded{BatchFault::kCountsBeforeItWrites, kTorn},
                                         Seeded{BatchFault::kFreesBeforeItDrains, kTorn},
                                         Seeded{BatchFault::kMovesCursorBeforeItSends, kLost},
                                         Seeded{BatchFault::kClearsWithoutNextSequence,
                                                kSameNumber},
                                         Seeded{BatchFault::kRecoveryDrainsBeforeItStores, kLost},
                                         Seeded{BatchFault::kRecoveryRemovesBeforeItStores, kLost},
                                         Seeded{BatchFault::kRecoveryForgetsRecordIds, kTwice}));

}  // namespace
}  // namespace metlog
