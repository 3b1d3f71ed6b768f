#include "metlog/internal/flush/destination.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "metlog/make_sender.h"

namespace metlog {
namespace {

std::unique_ptr<Destination> destination_of(std::size_t queues) {
  std::vector<std::unique_ptr<SendQueue>> made;
  for (std::size_t i = 0; i < queues; ++i) {
    made.push_back(std::make_unique<SendQueue>(*make_sender("null:"), SendQueue::Options{}));
  }
  return std::make_unique<Destination>(std::move(made));
}

void offer_a_message(Destination& destination) {
  char* const text = destination.try_reserve(0, 1);
  *text = 'x';
  destination.commit(0, text + 1, Batch::Origin::kUser);
  destination.offer_all();
}

TEST(Destination, HasDoneWhatItWasOfferedOnceItWasSent) {
  const auto destination = destination_of(2);
  offer_a_message(*destination);
  const Destination::Offered offered = destination->offered();
  EXPECT_FALSE(destination->has_done(offered));
  EXPECT_TRUE(destination->step());
  EXPECT_TRUE(destination->has_done(offered));
  EXPECT_EQ(destination->ledger().sent, 1U);
}

// One thread flushes while another reconfigures, to more connections than there were.
TEST(Destination, HasDoneWhatThePreviousOneWasOfferedOnceThatIsSettled) {
  auto previous = destination_of(1);
  Destination& old = *previous;
  offer_a_message(old);
  const Destination::Offered offered = old.offered();
  const auto destination = destination_of(4);
  destination->follow(std::move(previous));
  offer_a_message(*destination);
  EXPECT_FALSE(destination->has_done(offered));
  EXPECT_TRUE(old.step());
  destination->absorb_previous();
  EXPECT_TRUE(destination->has_done(offered));
  EXPECT_FALSE(destination->has_done(destination->offered()));
  EXPECT_TRUE(destination->step());
  EXPECT_EQ(destination->ledger().sent, 2U);
}

}  // namespace
}  // namespace metlog
