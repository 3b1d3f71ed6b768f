#include "tools/metlog/tune/search/objective.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/tune/rows.h"
#include "tools/metlog/tune/search/confirmation.h"

namespace metlog {
namespace {

TEST(Objective, ChoosesByTheGoal) {
  const std::vector<Row> rows = {clean_row(100, 1e6), clean_row(50, 1e6), clean_row(100, 4e6)};
  EXPECT_EQ(best_of(rows, 0, Goal::kLatency), 1U);
  EXPECT_EQ(best_of(rows, 0, Goal::kThroughput), 2U);
}

TEST(Objective, NeverLetsARowAtFaultWin) {
  for (const Fault fault : {Fault::kLost, Fault::kNoReader, Fault::kDiskFull, Fault::kRate,
                            Fault::kUnconfirmed, Fault::kUnavailable, Fault::kBroken}) {
    const std::vector<Row> rows = {clean_row(100, 1e6), faulty_row(1, 1e9, fault)};
    EXPECT_EQ(best_of(rows, 0, Goal::kThroughput), 0U) << name_of(fault);
    EXPECT_EQ(best_of(rows, 1, Goal::kThroughput), 0U) << name_of(fault);
    EXPECT_TRUE(std::isinf(cost_of(rows[1], Goal::kLatency)));
  }
}

TEST(Objective, NeverLetsARowWinWhoseSeldomCallsWereAtFault) {
  std::vector<Row> rows = {clean_row(100, 1e6), clean_row(1, 1e9)};
  rows[1].latency.fault = Fault::kNoReader;
  EXPECT_EQ(best_of(rows, 0, Goal::kBalanced), 0U);
}

TEST(Objective, HasNoWinnerWhenAllAreAtFault) {
  const std::vector<Row> rows = {faulty_row(1, 1, Fault::kLost)};
  EXPECT_FALSE(best_of(rows, 0, Goal::kBalanced).has_value());
  EXPECT_FALSE(best_of({}, 0, Goal::kBalanced).has_value());
}

TEST(Objective, KeepsWhatIsNotBeatenByMoreThanNoise) {
  const std::vector<Row> rows = {clean_row(100, 1e6), clean_row(98, 1e6), clean_row(90, 1e6)};
  EXPECT_EQ(best_of({rows[0], rows[1]}, 0, Goal::kLatency), 0U);
  EXPECT_EQ(best_of({rows[0], rows[2]}, 0, Goal::kLatency), 1U);
}

TEST(Objective, WeighsMemory) {
  std::vector<Row> rows = {clean_row(100, 1e6), clean_row(100, 0.9e6)};
  rows[1].throughput.peak_rss_bytes /= 2;
  EXPECT_EQ(best_of(rows, 0, Goal::kMemory), 1U);
  EXPECT_EQ(best_of(rows, 0, Goal::kThroughput), 0U);
}

TEST(Objective, KnowsItsGoalsByName) {
  for (const Goal goal : {Goal::kLatency, Goal::kThroughput, Goal::kMemory, Goal::kBalanced}) {
    EXPECT_EQ(parse_goal(name_of(goal)), goal);
  }
  EXPECT_FALSE(parse_goal("speed").has_value());
}

TEST(Confirmation, HoldsOnlyWhenTheMedianRoundIsBetterAndEveryChosenOneClean) {
  Confirmation confirmation;
  for (const double chosen_ns : {50.0, 60.0, 500.0}) {
    confirmation.defaults.push_back(clean_row(100, 1e6));
    confirmation.chosen.push_back(clean_row(chosen_ns, 1e6));
  }
  EXPECT_NEAR(confirmation.gain(Goal::kLatency), 100.0 / 60, 1e-6);
  EXPECT_TRUE(confirmation.holds(Goal::kLatency));
  EXPECT_FALSE((Confirmation{confirmation.chosen, confirmation.defaults}.holds(Goal::kLatency)));
  confirmation.chosen[0] = faulty_row(1, 1e9, Fault::kLost);
  EXPECT_FALSE(confirmation.holds(Goal::kLatency));
}

}  // namespace
}  // namespace metlog
