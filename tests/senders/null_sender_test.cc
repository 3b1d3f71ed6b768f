#include "senders/sender/null_sender.h"

#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

TEST(NullSender, TakesAll) {
  NullSender sender;
  Batch batch = batch_of(numbered_messages(100, 50));
  EXPECT_EQ(sender.send(batch), SendResult::kSent);
  EXPECT_EQ(batch.sent_count(), 100U);
  EXPECT_TRUE(sender.flush(std::chrono::nanoseconds(0)));
  expect_all_accounted_for(batch);
}

}  // namespace
}  // namespace metlog
