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

Row row_that_keeps(double kept_percent, double call_ns, double kept_error = 0.1) {
  Row row = clean_row(call_ns, 1e6);
  row.cost = {kept_percent, kept_error, 1, 0};
  return row;
}

TEST(Objective, BuysNoNanosecondsWithTheHostsWork) {
  for (const Goal goal : {Goal::kLatency, Goal::kThroughput, Goal::kMemory, Goal::kBalanced}) {
    const std::vector<Row> rows = {row_that_keeps(97, 100), row_that_keeps(95.9, 1)};
    EXPECT_EQ(best_of(rows, 0, goal), 0U);
    EXPECT_EQ(best_of(rows, 1, goal), 0U) << "nor does such a one stay";
  }
}

TEST(Objective, LetsTheGoalDecideWithinAPoint) {
  const std::vector<Row> rows = {row_that_keeps(97, 100), row_that_keeps(96.1, 50)};
  EXPECT_EQ(best_of(rows, 0, Goal::kLatency), 1U);
}

TEST(Objective, TakesNoDifferenceWithinTheErrorsForOne) {
  const std::vector<Row> rows = {row_that_keeps(97, 100, 2), row_that_keeps(94, 50, 2)};
  EXPECT_EQ(best_of(rows, 0, Goal::kLatency), 1U);
}

TEST(Objective, GivesAProcessorAwayForLatencyOnly) {
  std::vector<Row> rows = {row_that_keeps(97, 100), row_that_keeps(97, 50)};
  rows[1].cost.idle_percent = 100;
  EXPECT_EQ(best_of(rows, 0, Goal::kBalanced), 0U);
  EXPECT_EQ(best_of(rows, 0, Goal::kLatency), 1U);
}

TEST(Objective, HasAWinnerWhenTheOneThatKeepsMostIdlesDearest) {
  std::vector<Row> rows = {row_that_keeps(75, 100), row_that_keeps(97, 100),
                           row_that_keeps(90, 100)};
  rows[1].cost.idle_percent = 50;
  rows[2].cost.idle_percent = 8;
  EXPECT_EQ(best_of(rows, 0, Goal::kBalanced), 2U);
  EXPECT_EQ(best_of({rows[0], rows[1]}, 0, Goal::kBalanced), 0U);
}

TEST(Objective, JudgesByTheGoalAloneWhatHasNoKnownCost) {
  const std::vector<Row> rows = {row_that_keeps(97, 100), clean_row(50, 1e6)};
  EXPECT_EQ(best_of(rows, 0, Goal::kLatency), 1U);
}

TEST(Objective, ARowThatLostMessagesSetsNoStandard) {
  std::vector<Row> rows = {row_that_keeps(90, 100), row_that_keeps(99, 100)};
  rows[1].units.fault = Fault::kLost;
  EXPECT_EQ(best_of(rows, 0, Goal::kBalanced), 0U);
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

TEST(Confirmation, ComparesWhatTheHostKeepsFirst) {
  Confirmation better;
  Confirmation worse;
  for (int round = 0; round < 4; ++round) {
    better.defaults.push_back(row_that_keeps(75, 100));
    better.chosen.push_back(row_that_keeps(98, 130));
    worse.defaults.push_back(row_that_keeps(98, 100));
    worse.chosen.push_back(row_that_keeps(96, 10));
  }
  EXPECT_TRUE(better.holds(Goal::kLatency));
  for (Row& row : better.chosen) row.cost.idle_percent = 50;
  EXPECT_FALSE(better.holds(Goal::kBalanced));
  EXPECT_FALSE(worse.holds(Goal::kLatency));
}

TEST(Confirmation, OfOneRoundKnowsTheErrorOfThatRound) {
  Confirmation confirmation;
  confirmation.defaults = {row_that_keeps(83, 100, 4)};
  confirmation.chosen = {row_that_keeps(86, 300, 4)};
  EXPECT_FALSE(confirmation.holds(Goal::kLatency));
}

}  // namespace
}  // namespace metlog
