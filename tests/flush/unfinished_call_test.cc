// What is missing after damage to a ring is counted as lost, and a call that is not over is not:
// it may have stopped, wait, or have been left for good.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "metlog/internal/base/ticks.h"
#include "metlog/internal/emit/producer.h"
#include "metlog/internal/emit/writer_hold.h"
#include "metlog/metlog.h"
#include "senders/sender/capture_sender.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

/// An engine that is stepped, with one client.
struct SteppedEngine {
  Engine engine{Engine::Parts{
      {.session_directory = "none"}, Engine::Threads::kNone, nullptr, nullptr, 0, ""}};
  Client client = engine.open(std::make_unique<CaptureSender>(std::make_shared<Capture>())).value();
};

/// A call of this thread that has counted itself and stops before it publishes its record, as long
/// as this lives: emit_reduced(), in two halves. Without arguments.
class StoppedCall {
 public:
  StoppedCall(std::uint32_t client, std::uint32_t site)
      : head_(pack_header(1, client, site)), cell_(writer().try_reserve_cell(Priority::kNormal)) {
    if (cell_ == nullptr) std::abort();
    cell_->stamp = steady_ticks();
    t_producer->counts.emitted[client].add_by_owner(1);
  }
  ~StoppedCall() { writer().publish_cell(cell_, head_); }
  StoppedCall(const StoppedCall&) = delete;
  StoppedCall& operator=(const StoppedCall&) = delete;

 private:
  static RingWriter& writer() { return t_producer->writer; }

  const std::uint64_t head_;
  Cell* const cell_;
};

/// The last record of this thread.
Cell& last_cell() {
  RingWriter& writer = t_producer->writer;
  return writer.cell_at(writer.pos() - 1);
}

void expect_one_damaged_of(Client& client, std::uint64_t emitted) {
  const Ledger ledger = client.stats();
  EXPECT_EQ(ledger.emitted, emitted);
  EXPECT_EQ(ledger.lost[LossReason::kDamaged], 1U);
  EXPECT_EQ(ledger.lost.total(), 1U);
  EXPECT_EQ(ledger.sent, emitted - 1);
}

// What arrives later must not have been counted as lost.
TEST(UnfinishedCall, ThatHasStoppedIsNotCountedAsLost) {
  SteppedEngine test;
  METLOG_INFO(test.client, "no arguments");
  const RecordHeader head = RecordHeader::unpack(last_cell().head.load(Order::kRelaxed));
  METLOG_INFO(test.client, "damaged");
  std::memset(static_cast<void*>(&last_cell()), 0, kCellBytes);
  METLOG_INFO(test.client, "after it");
  {
    const StoppedCall call(head.client, head.site);
    step_until_quiet(test.engine);
    EXPECT_EQ(test.client.stats().sent, 2U) << "the record after the damage is found";
    for (int round = 0; round < 1000; ++round) (void)test.engine.step();
    EXPECT_EQ(test.client.stats().lost.total(), 0U) << "one of the two calls may arrive";
  }
  step_until_quiet(test.engine);
  expect_one_damaged_of(test.client, 4);
  METLOG_INFO(test.client, "last");
  step_until_quiet(test.engine);
  test.client.close(std::chrono::seconds(10));
  expect_one_damaged_of(test.client, 5);
}

// A call that waits for room, or grows its ring, gives its place back meanwhile.
TEST(UnfinishedCall, ThatWaitsIsNotCountedAsLost) {
  SteppedEngine test;
  METLOG_INFO(test.client, "no arguments");
  const RecordHeader head = RecordHeader::unpack(last_cell().head.load(Order::kRelaxed));
  METLOG_INFO(test.client, "damaged");
  std::memset(static_cast<void*>(&last_cell()), 0, kCellBytes);
  {
    const WriterHold hold(*t_producer);
    ASSERT_TRUE(hold.has_it());
    t_producer->counts.emitted[head.client].add_by_owner(1);
    RingWriter& writer = t_producer->writer;
    {
      const HoldPause pause(&writer);
      for (int round = 0; round < 1000; ++round) (void)test.engine.step();
      EXPECT_EQ(test.client.stats().lost.total(), 0U) << "one of the two calls may arrive";
    }
    ASSERT_TRUE(writer.try_make_room(1, Priority::kNormal));
    writer.cell_at(writer.pos()).stamp = steady_ticks();
    writer.commit(1, pack_header(1, head.client, head.site));
  }
  step_until_quiet(test.engine);
  expect_one_damaged_of(test.client, 3);
}

// A handler has left a call of three cells by a jump: its tags are no records.
TEST(UnfinishedCall, ThatWasLeftIsNoDamage) {
  testing::internal::CaptureStderr();
  SteppedEngine test;
  METLOG_INFO(test.client, "first");
  step_until_quiet(test.engine);
  RingWriter& writer = t_producer->writer;
  Cell* const first = writer.try_reserve_cells(3, Priority::kNormal);
  ASSERT_NE(first, nullptr);
  const std::uint8_t lap = RecordHeader::unpack((first - 1)->head.load(Order::kRelaxed)).lap;
  for (int i = 1; i < 3; ++i) first[i].head.store(lap, Order::kRelaxed);
  METLOG_INFO(test.client, "one cell");  // and then the reader is at the first tag
  step_until_quiet(test.engine);
  EXPECT_TRUE(test.client.flush(std::chrono::seconds(10)));
  EXPECT_EQ(test.client.stats().sent, 2U);
  METLOG_INFO(test.client, "in place of the tag");
  test.client.close(std::chrono::seconds(10));
  EXPECT_EQ(test.client.stats().sent, 3U);
  EXPECT_EQ(test.client.stats().lost.total(), 0U);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace metlog
