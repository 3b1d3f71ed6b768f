#include "metlog/internal/emit/ring_set.h"

#include <gtest/gtest.h>

#include <functional>
#include <thread>

namespace metlog {
namespace {

// Takes the hot path as long as it is open; returns the number of cells.
int write_hot(RingWriter& writer) {
  int taken = 0;
  while (Cell* const cell = writer.try_reserve_cell(Priority::kNormal)) {
    writer.publish_cell(cell, pack_header(1, 0, 7));
    ++taken;
  }
  return taken;
}

int drain(RingReader& reader) {
  int taken = 0;
  for (; reader.peek() != 0; ++taken) reader.advance(1);
  return taken;
}

void grow_between_rings() {
  RingSet rings({.cells_log2 = 6, .spare_count = 1});
  Producer* const producer = rings.claim();
  ASSERT_NE(producer, nullptr);
  ASSERT_TRUE(producer->writer.try_make_room(1, Priority::kNormal));
  EXPECT_EQ(write_hot(producer->writer), 64 - 8 - 1);
  LiveRing& first = *producer->ring;

  ASSERT_TRUE(rings.grow(*producer, 1U << 20));
  ASSERT_TRUE(producer->writer.try_make_room(1, Priority::kNormal));
  EXPECT_EQ(drain(first.reader), 56) << "and the mark of the continuation";
  EXPECT_EQ(write_hot(producer->writer), 128 - 16 - 1);
  EXPECT_EQ(drain(producer->ring->reader), 128 - 16 - 1);
  EXPECT_EQ(write_hot(producer->writer), 128 - 16 - 1 - (128 - 16 - 1) % 32)
      << "all but what was read since the last quarter";
}

// On a thread of its own, whose page it takes.
TEST(RingSet, LeavesTheRoomOfTheNextRingAloneWhileTheLastOneIsDrained) {  // I3
  std::thread(grow_between_rings).join();
}

void use_a_ring(RingSet& rings, LiveRing*& used) {
  Producer* const producer = rings.claim();
  ASSERT_NE(producer, nullptr);
  ASSERT_TRUE(producer->writer.try_make_room(1, Priority::kNormal));
  EXPECT_EQ(write_hot(producer->writer), 64 - 8 - 1);
  used = producer->ring;
  EXPECT_EQ(drain(used->reader), 64 - 8 - 1);
}

TEST(RingSet, TellsTheRoomOfARingToEachThreadThatTakesItOver) {  // I3
  RingSet rings({.cells_log2 = 6, .spare_count = 1});
  RingSet* const others = g_ring_set.exchange(&rings);  // to which a thread that ends says so
  for (int i = 0; i < 5; ++i) {
    LiveRing* used = nullptr;
    std::thread(use_a_ring, std::ref(rings), std::ref(used)).join();
    ASSERT_NE(used, nullptr);
    rings.remove(*used);
  }
  g_ring_set.store(others);
}

}  // namespace
}  // namespace metlog
