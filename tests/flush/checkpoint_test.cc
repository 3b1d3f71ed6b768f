// What a process that was killed has certainly sent: done_pos, from which its recovery starts.

#include "metlog/internal/flush/checkpoint.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "senders/sender/capture_sender.h"

namespace metlog {
namespace {

constexpr unsigned kCellsLog2 = 6;

/// A destination of one queue, whose sender answers by a script.
struct Scripted {
  Scripted() {
    std::vector<std::unique_ptr<SendQueue>> queues;
    queues.push_back(std::make_unique<SendQueue>(std::make_unique<CaptureSender>(capture),
                                                 SendQueue::Options{}));
    destination = std::make_unique<Destination>(std::move(queues));
  }

  void offer_a_batch() {
    char* const text = destination->try_reserve(0, 1);
    *text = 'x';
    destination->commit(0, text + 1, Batch::Origin::kUser);
    destination->offer_all();
  }
  /// Has one batch sent.
  void send_a_batch() {
    capture->script({Capture::sent(), Capture::busy()});
    destination->step();
  }

  std::shared_ptr<Capture> capture = std::make_shared<Capture>();
  std::unique_ptr<Destination> destination;
};

/// A ring from which a number of cells has been drained.
struct Drained {
  explicit Drained(std::uint64_t cells)
      : ring(std::make_unique<RingMemory>(RingPlace{}, kCellsLog2)) {
    ring.reader.advance(cells);
  }
  [[nodiscard]] std::uint64_t done_pos() const {
    // relaxed: one thread
    return ring.memory->header().positions.done_pos.load(Order::kRelaxed);
  }
  LiveRing ring;
};

TEST(Checkpoint, IsReachedWhenTheLastBatchHasLeftAndNoSooner) {
  Drained drained(5);
  Scripted to;
  to.offer_a_batch();
  to.offer_a_batch();
  Checkpoint checkpoint;
  checkpoint.begin({&drained.ring});
  checkpoint.add(*to.destination);
  to.offer_a_batch();
  drained.ring.reader.advance(2);
  EXPECT_FALSE(checkpoint.try_complete());
  to.send_a_batch();
  EXPECT_FALSE(checkpoint.try_complete()) << "the second batch of two has not left";
  EXPECT_EQ(drained.done_pos(), 0U);
  to.send_a_batch();
  EXPECT_TRUE(checkpoint.try_complete());
  EXPECT_EQ(drained.done_pos(), 5U) << "what came later does not count";
  EXPECT_FALSE(checkpoint.is_pending());
  EXPECT_EQ(to.destination->ledger().sent, 2U);
  EXPECT_EQ(to.destination->ledger().pending, 1U);
}

TEST(Checkpoint, WaitsForEachOfSeveralDestinations) {
  Drained drained(1);
  Scripted one;
  Scripted other;
  one.offer_a_batch();
  other.offer_a_batch();
  Checkpoint checkpoint;
  checkpoint.begin({&drained.ring});
  checkpoint.add(*one.destination);
  checkpoint.add(*other.destination);
  other.send_a_batch();
  EXPECT_FALSE(checkpoint.try_complete());
  one.send_a_batch();
  EXPECT_TRUE(checkpoint.try_complete());
  EXPECT_EQ(drained.done_pos(), 1U);
}

// A client that was re-configured: the old destination still holds a batch.
TEST(Checkpoint, WaitsForTheDestinationBeforeUntilThatIsStopped) {
  Drained drained(3);
  Scripted old;
  Scripted next;
  old.offer_a_batch();
  Destination& previous = *old.destination;
  next.destination->follow(std::move(old.destination));
  Checkpoint checkpoint;
  checkpoint.begin({&drained.ring});
  checkpoint.add(*next.destination);
  EXPECT_FALSE(checkpoint.try_complete());
  EXPECT_EQ(drained.done_pos(), 0U);
  previous.stop(std::chrono::steady_clock::now());
  checkpoint.forget(*next.destination->absorb_previous());
  EXPECT_TRUE(checkpoint.try_complete());
  EXPECT_EQ(drained.done_pos(), 3U);
  EXPECT_EQ(next.destination->ledger().sent, 1U);
}

}  // namespace
}  // namespace metlog
