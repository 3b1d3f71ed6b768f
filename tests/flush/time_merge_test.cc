#include "metlog/internal/flush/time_merge.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "metlog/internal/base/ticks.h"

namespace metlog {
namespace {

constexpr unsigned kCellsLog2 = 6;
constexpr std::uint64_t kCapacity = std::uint64_t{1} << kCellsLog2;

// A ring with its writer, and a merge over such rings that steps as the flusher does.
struct Merged {
  Merged() : ring(std::make_unique<RingMemory>(RingPlace{}, kCellsLog2)) {
    RingMemory& memory = *ring.memory;
    ring.reader.serve(&freed);
    writer.attach(memory.cells(), kCellsLog2, &memory.header().positions, &freed, 0);
  }

  void write(std::uint64_t stamp) {
    ASSERT_TRUE(writer.try_make_room(1, Priority::kHigh));
    writer.cell_at(writer.pos()).stamp = stamp;
    writer.commit(1, pack_header(1, 0, 100));
  }

  LiveRing ring;
  PlainAtomic<std::uint64_t> freed{};
  RingWriter writer;
};

std::uint64_t take(TimeMerge& merge) {
  const TimeMerge::Entry* const head = merge.oldest();
  const std::uint64_t stamp = head->stamp;
  head->ring->reader.advance(1);
  head->ring->reader.release_space();
  merge.took();
  return stamp;
}

TEST(TimeMerge, GivesTheOldestOfAllRingsFirst) {
  Merged one;
  Merged two;
  for (const std::uint64_t stamp : {10U, 30U, 40U}) one.write(stamp);
  for (const std::uint64_t stamp : {20U, 50U}) two.write(stamp);
  TimeMerge merge;
  merge.begin({&one.ring, &two.ring}, 45);
  for (const std::uint64_t stamp : {10U, 20U, 30U, 40U}) EXPECT_EQ(take(merge), stamp);
  EXPECT_EQ(merge.oldest(), nullptr) << "stamped after the round began";
}

TEST(TimeMerge, SaysWhenItFoundARecordWithoutAStamp) {
  Merged one;
  one.write(kNoStamp);
  const std::uint64_t before = steady_ticks();
  TimeMerge merge;
  merge.begin({&one.ring}, before);
  const std::uint64_t found = take(merge);
  EXPECT_GE(found, before);
  EXPECT_LE(found, steady_ticks());
  EXPECT_EQ(merge.oldest(), nullptr);
}

TEST(TimeMerge, EndsARoundThoughUnstampedRecordsNeverStopComing) {
  Merged one;
  one.write(kNoStamp);
  TimeMerge merge;
  merge.begin({&one.ring}, steady_ticks());
  std::uint64_t taken = 0;
  while (merge.oldest() != nullptr && taken <= 2 * kCapacity) {
    one.write(kNoStamp);
    take(merge);
    ++taken;
  }
  EXPECT_EQ(taken, kCapacity);
  merge.begin({&one.ring}, steady_ticks());
  EXPECT_NE(merge.oldest(), nullptr) << "what is left comes in the next round";
}

}  // namespace
}  // namespace metlog
