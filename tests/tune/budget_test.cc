#include "tools/metlog/tune/search/budget.h"

#include <gtest/gtest.h>

namespace metlog {
namespace {

class BudgetTest : public testing::Test {
 protected:
  double now_s_ = 1000;
  Budget budget_{60, [this] { return now_s_; }};
};

TEST_F(BudgetTest, CountsFromItsBeginning) {
  now_s_ += 20;
  EXPECT_DOUBLE_EQ(budget_.elapsed_s(), 20);
  EXPECT_DOUBLE_EQ(budget_.left_s(), 40);
  now_s_ += 50;
  EXPECT_DOUBLE_EQ(budget_.left_s(), 0);
}

TEST_F(BudgetTest, SharesTheSearchOutAmongItsPoints) {
  EXPECT_EQ(budget_.phase_ms(1), 1000U);   // no point needs more
  EXPECT_EQ(budget_.phase_ms(1000), 40U);  // nor says anything with less
  EXPECT_EQ(budget_.phase_ms(39), 200U);   // 39 s: a second each, 0.4 s of it for starting
  EXPECT_EQ(budget_.phase_ms(0), 1000U);
}

TEST_F(BudgetTest, LeavesTheConfirmationItsShare) {
  budget_.note_point(1);
  budget_.note_point(3);
  EXPECT_DOUBLE_EQ(budget_.point_s(), 2);
  now_s_ += 36;
  EXPECT_TRUE(budget_.affords_search(1));
  EXPECT_FALSE(budget_.affords_search(2));
  EXPECT_TRUE(budget_.affords(12));
  EXPECT_FALSE(budget_.affords(13));
}

TEST_F(BudgetTest, AffordsNothingOnceItIsOver) {
  now_s_ += 60;
  EXPECT_FALSE(budget_.affords(1));
  EXPECT_FALSE(budget_.affords_search(1));
}

}  // namespace
}  // namespace metlog
