// A writer inside a record, or left there.

#include <gtest/gtest.h>

#include "tests/ring/test_ring.h"

namespace metlog {
namespace {

// What a signal handler finds that has interrupted a call: the whole writer is busy, at each place
// of the ring and however often it asks.
TEST(InterruptedWriter, GivesNothingToAHandlerThatHasInterruptedACall) {  // I6
  for (const bool wakes : {false, true}) {
    TestRing ring(4);
    ring.writer.set_wakes(wakes, false);
    ring.writer.attach(ring.cells.data(), 4, &ring.positions, &ring.freed, 0);
    for (std::uint32_t i = 0; i < 100; ++i) {
      ASSERT_TRUE(ring.writer.try_hold());
      ASSERT_TRUE(ring.writer.try_make_room(1, Priority::kNormal));
      EXPECT_FALSE(ring.writer.try_hold());
      EXPECT_FALSE(ring.is_hot(Priority::kHigh));
      ring.writer.let_go();
      const std::uint64_t pos = ring.writer.pos();
      Cell* const cell = ring.writer.try_reserve_cells(1, Priority::kNormal);
      ASSERT_NE(cell, nullptr);
      for (int handler = 0; handler < 3; ++handler) {
        EXPECT_EQ(ring.writer.try_reserve_cell(Priority::kHigh), nullptr);
        EXPECT_EQ(ring.writer.try_reserve_cells(2, Priority::kHigh), nullptr);
        EXPECT_EQ(ring.writer.open_cells(Priority::kHigh).count, 0U);
        EXPECT_FALSE(ring.writer.try_hold());
      }
      EXPECT_EQ(ring.writer.pos(), pos);
      EXPECT_EQ(ring.writer.glimpse_pos(), pos);
      ring.writer.publish_cell(cell, pack_header(1, 0, i));
      EXPECT_EQ(ring.writer.glimpse_pos(), pos + 1);
      ASSERT_EQ(ring.read_one().site, i);
      ring.reader.release_space();
    }
  }
}

// Handlers that interrupt each other inside of their reservations.
TEST(InterruptedWriter, GivesNothingToHandlersOnHandlers) {  // I6
  TestRing ring(4);
  ASSERT_TRUE(ring.writer.try_make_room(1, Priority::kHigh));
  WritePlace& place = *reinterpret_cast<WritePlace*>(reinterpret_cast<char*>(&ring.writer) + 8);
  const std::uintptr_t before = place.word();
  ASSERT_EQ(reinterpret_cast<Cell*>(before), ring.cells.data()) << "void: another member";
  for (int depth = 0; depth < 100; ++depth) {
    (void)place.take();
    EXPECT_EQ(ring.writer.try_reserve_cell(Priority::kHigh), nullptr) << depth;
    EXPECT_EQ(ring.writer.try_reserve_cells(2, Priority::kHigh), nullptr) << depth;
    EXPECT_EQ(ring.writer.open_cells(Priority::kHigh).count, 0U) << depth;
    EXPECT_FALSE(ring.writer.try_hold()) << depth;
    EXPECT_EQ(ring.writer.glimpse_pos(), 0U);
  }
  for (int depth = 0; depth < 100; ++depth) place.step(0);
  EXPECT_EQ(place.word(), before);
  EXPECT_TRUE(ring.is_hot(Priority::kHigh));
}

// After a jump out of a call: before its record was published, and after.
TEST(InterruptedWriter, GoesOnAfterACallThatNeverEnds) {
  for (const std::uint64_t start : {std::uint64_t{0}, std::uint64_t{0} - 8, std::uint64_t{5}}) {
    for (std::uint64_t before = 0; before < 9; ++before) {
      for (const bool is_published : {false, true}) {
        TestRing ring(3, start);
        for (std::uint64_t i = 0; i < before; ++i) {
          ASSERT_TRUE(ring.try_write(1, 7));
          ring.read_all();
        }
        ASSERT_TRUE(ring.writer.try_make_room(1, Priority::kHigh));
        const std::uint64_t pos = ring.writer.pos();
        Cell* const cell = ring.writer.try_reserve_cells(1, Priority::kHigh);
        ASSERT_NE(cell, nullptr);
        if (is_published) {
          cell->head.store(pack_header(1, 0, 8) | lap_of(pos, 3), Order::kRelease);
        }
        (void)ring.writer.try_reserve_cell(Priority::kHigh);  // a handler's that was left, too
        EXPECT_FALSE(ring.writer.try_hold());
        ring.writer.hold_after_jump();
        ASSERT_TRUE(ring.writer.try_make_room(1, Priority::kHigh));
        ring.writer.let_go();
        EXPECT_EQ(ring.writer.pos(), pos + (is_published ? 1 : 0));
        ASSERT_TRUE(ring.try_hot(9, Priority::kHigh));
        if (is_published) {
          EXPECT_EQ(ring.read_one().site, 8U);
        }
        EXPECT_EQ(ring.read_one().site, 9U);
      }
    }
  }
}

// In a forked child: a call ends that began in the parent, and the writer is that of another ring.
TEST(InterruptedWriter, DoesNotBelieveACallThatEndsInAnotherRingThanItBeganIn) {
  for (const std::uint64_t start : {std::uint64_t{0}, std::uint64_t{5}}) {
    for (const std::uint64_t cells : {1U, 2U}) {
      TestRing parents(3);
      ASSERT_TRUE(parents.writer.try_make_room(1, Priority::kHigh));
      Cell* const first = parents.writer.try_reserve_cells(cells, Priority::kHigh);
      ASSERT_NE(first, nullptr);
      TestRing ring(3, start);
      RingWriter& writer = ring.writer;
      ASSERT_TRUE(ring.try_write(1, 7));
      ASSERT_TRUE(writer.try_make_room(1, Priority::kHigh));
      writer.publish_cells(first, cells, pack_header(cells, 0, 8));
      EXPECT_FALSE(ring.is_hot(Priority::kHigh)) << "its place is not in the ring";
      ASSERT_TRUE(writer.try_hold());
      writer.let_go();
      EXPECT_EQ(writer.pos(), start + 1);
      ASSERT_TRUE(ring.try_hot(9, Priority::kHigh));
      EXPECT_EQ(ring.read_one().site, 7U);
      EXPECT_EQ(ring.read_one().site, 9U);
    }
  }
}

}  // namespace
}  // namespace metlog
