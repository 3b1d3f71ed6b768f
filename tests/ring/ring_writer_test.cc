#include "metlog/internal/ring/ring_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <ostream>

#include "tests/ring/test_ring.h"

namespace metlog {
namespace {

// One line of the truth table: a ring of 2^cells_log2 cells whose first record is at `start`,
// with `fill` cells unread, is asked for `length` cells.
struct Phase {
  unsigned cells_log2;
  std::uint64_t start;
  std::uint64_t fill;
  std::uint64_t length;
  Priority priority;

  [[nodiscard]] std::uint64_t capacity() const { return std::uint64_t{1} << cells_log2; }
  // The rule of docs/ring.md without the writer's arithmetic: the reserved cell is never
  // given away, and a normal record does not use the last eighth.
  [[nodiscard]] std::uint64_t free() const {
    std::uint64_t taken = fill + 1;
    if (priority == Priority::kNormal) taken += capacity() == 8 ? 1 : 2;
    return taken < capacity() ? capacity() - taken : 0;
  }
};

std::ostream& operator<<(std::ostream& out, const Phase& at) {
  return out << "ring of " << at.capacity() << " at " << at.start << ", filled " << at.fill
             << ", record of " << at.length
             << (at.priority == Priority::kHigh ? ", high priority" : "");
}

void for_every_phase(const std::function<void(const Phase&)>& check) {
  for (const unsigned log2 : {3U, 4U}) {
    const std::uint64_t capacity = std::uint64_t{1} << log2;
    for (const std::uint64_t base : kHardStarts) {
      for (std::uint64_t index = 0; index < 2 * capacity; ++index) {
        for (std::uint64_t fill = 0; fill < capacity; ++fill) {
          for (std::uint64_t length = 1; length <= capacity + 1; ++length) {
            check({log2, base + index, fill, length, Priority::kNormal});
            check({log2, base + index, fill, length, Priority::kHigh});
          }
        }
      }
    }
  }
}

void fill_up(TestRing& ring, std::uint64_t cells) {
  for (std::uint64_t i = 0; i < cells; ++i) ASSERT_TRUE(ring.try_write(1, 7));
}

TEST(RingWriter, TakesARecordExactlyWhenItFitsAtEveryPhase) {
  for_every_phase([](const Phase& at) {
    TestRing ring(at.cells_log2, at.start);
    fill_up(ring, at.fill);
    const bool fits = at.length <= at.free();
    ASSERT_EQ(ring.try_write(at.length, 9, at.priority), fits) << at;
    ASSERT_EQ(ring.writer.pos(), at.start + at.fill + (fits ? at.length : 0)) << at;
    for (std::uint64_t i = 0; i < at.fill; ++i) ASSERT_EQ(ring.read_one().site, 7U) << at;
    const RecordHeader head = ring.read_one();
    ASSERT_EQ(head.cells, fits ? at.length : 0) << at;
    ASSERT_EQ(head.site, fits ? 9U : 0U) << at;
    ASSERT_EQ(ring.reader.peek(), 0U) << at;
  });
}

TEST(RingWriter, OpensTheHotPathToTheEndOfTheRoomAcrossTheLapsEnd) {
  for_every_phase([](const Phase& at) {
    TestRing ring(at.cells_log2, at.start);
    fill_up(ring, at.fill);
    (void)ring.writer.try_make_room(at.length, at.priority);
    const std::uint64_t index = (at.start + at.fill) % at.capacity();
    std::uint64_t taken = 0;
    while (ring.try_hot(9, at.priority)) {
      const Cell& cell = ring.cells[(index + taken) % at.capacity()];
      ASSERT_EQ(RecordHeader::unpack(cell.head.load(Order::kRelaxed)).site, 9U) << at;
      ++taken;
    }
    ASSERT_EQ(taken, at.free()) << at;
    ASSERT_EQ(ring.writer.pos(), at.start + at.fill + taken) << at;
    for (std::uint64_t i = 0; i < at.fill; ++i) ASSERT_EQ(ring.read_one().site, 7U) << at;
    for (std::uint64_t i = 0; i < taken; ++i) ASSERT_EQ(ring.read_one().site, 9U) << at;
    ASSERT_EQ(ring.reader.peek(), 0U) << at;
  });
}

TEST(RingWriter, ReservesSeveralCellsExactlyWhenTheyFitBeforeTheLapsEnd) {  // I2
  for_every_phase([](const Phase& at) {
    TestRing ring(at.cells_log2, at.start);
    fill_up(ring, at.fill);
    (void)ring.writer.try_make_room(1, at.priority);
    const std::uint64_t index = (at.start + at.fill) % at.capacity();
    Cell* const first = ring.writer.try_reserve_cells(at.length, at.priority);
    const bool fits = at.length <= std::min(at.free(), at.capacity() - index);
    ASSERT_EQ(first != nullptr, fits) << at;
    if (!fits) return;
    ASSERT_EQ(first, &ring.cells[index]) << at;
    ring.writer.publish_cells(first, at.length, pack_header(at.length, 0, 9));
    ASSERT_EQ(ring.writer.pos(), at.start + at.fill + at.length) << at;
    for (std::uint64_t i = 0; i < at.length; ++i) {
      const RecordHeader head = RecordHeader::unpack(first[i].head.load(Order::kRelaxed));
      ASSERT_EQ(head.lap, lap_of(at.start + at.fill, at.cells_log2)) << at;
      ASSERT_EQ(head.cells, i == 0 ? at.length : 0) << at;
    }
    for (std::uint64_t i = 0; i < at.fill; ++i) ASSERT_EQ(ring.read_one().site, 7U) << at;
    ASSERT_EQ(ring.read_one().cells, at.length) << at;
    ASSERT_EQ(ring.reader.peek(), 0U) << at;
  });
}

TEST(RingWriter, ReservesNothingBehindWhatUrgentRecordsTook) {
  TestRing ring(4);
  ASSERT_TRUE(ring.writer.try_make_room(1, Priority::kHigh));
  while (ring.try_hot(7, Priority::kHigh)) {
  }
  // Now more is used than normal records may use: a difference below zero.
  EXPECT_EQ(ring.writer.try_reserve_cells(1, Priority::kNormal), nullptr);
  EXPECT_EQ(ring.writer.try_reserve_cells(2, Priority::kHigh), nullptr);
}

TEST(RingWriter, StaysOnTheHotPathForEverWhileTheReaderKeepsUp) {
  for (const std::uint64_t start : kHardStarts) {
    TestRing ring(4, start);
    ASSERT_TRUE(ring.writer.try_make_room(1, Priority::kNormal));
    for (std::uint64_t i = 0; i < 100 * ring.writer.capacity(); ++i) {
      ASSERT_TRUE(ring.try_hot(9)) << "start " << start << ", call " << i;
      if (i % 5 == 4) ring.read_all();
    }
  }
}

// The reader has given a few cells back, but not yet to the hot path: what the cold path writes
// into them lies more than a lap before `freed`, and an unread cell would look free.
TEST(RingWriter, KeepsTheHotPathClosedWhileWhatIsFreedLiesALapBehind) {  // I3
  for (const std::uint64_t start : kHardStarts) {
    TestRing ring(5, start);
    fill_up(ring, ring.writer.capacity() - 1);
    for (int i = 0; i < 3; ++i) ASSERT_EQ(ring.read_one().site, 7U);
    ring.reader.release_space();
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(ring.try_write(1, 8)) << "start " << start;
      ASSERT_FALSE(ring.is_hot(Priority::kHigh)) << "start " << start;
      ASSERT_EQ(ring.writer.open_cells(Priority::kHigh).count, 0U) << "start " << start;
    }
    ASSERT_FALSE(ring.try_write(1, 8));
    ASSERT_EQ(ring.read_one().site, 7U);
    ring.reader.release_space();  // an eighth of the ring: given to the hot path, too
    ASSERT_TRUE(ring.writer.try_make_room(1, Priority::kHigh));
    ASSERT_TRUE(ring.is_hot(Priority::kHigh));
  }
}

TEST(RingWriter, HasRoomForALastRecordHoweverFullTheRingIs) {  // I4
  for_every_phase([](const Phase& at) {
    TestRing ring(at.cells_log2, at.start);
    fill_up(ring, at.fill);
    ring.writer.commit_last(pack_header(1, 0, 11));
    for (std::uint64_t i = 0; i < at.fill; ++i) ASSERT_EQ(ring.read_one().site, 7U) << at;
    ASSERT_EQ(ring.read_one().site, 11U) << at;
    ASSERT_EQ(ring.reader.peek(), 0U) << at;
  });
}

TEST(RingWriter, RefusesEveryRecordAfterTheLastOneOfAFullRing) {  // I3, I4
  for (const Priority priority : {Priority::kNormal, Priority::kHigh}) {
    TestRing ring(3);
    fill_up(ring, 7);
    ring.writer.commit_last(pack_header(1, 0, 11));
    EXPECT_FALSE(ring.writer.try_make_room(1, priority));
    EXPECT_FALSE(ring.is_hot(priority));
    ring.read_all();
    EXPECT_TRUE(ring.writer.try_make_room(1, priority)) << "the reader gave all of it back";
  }
}

TEST(RingWriter, LeavesItsLapInEveryCellItWrites) {  // I2
  for_every_phase([](const Phase& at) {
    TestRing ring(at.cells_log2, at.start);
    fill_up(ring, at.fill);
    if (!ring.try_write(at.length, 9, at.priority)) return;
    const std::uint64_t first = at.start + at.fill;
    for (std::uint64_t pos = first; pos != first + at.length; ++pos) {
      const std::uint64_t index = pos % at.capacity();
      const RecordHeader head = RecordHeader::unpack(ring.cells[index].head.load(Order::kRelaxed));
      ASSERT_EQ(head.lap, static_cast<std::uint8_t>(pos / at.capacity() + 1)) << at;
      ASSERT_EQ(head.cells, pos == first ? at.length : 0) << at;
    }
  });
}

TEST(RingWriter, SendsTheFirstReservationAfterAttachAndHoldToTheColdPath) {
  TestRing ring(3);
  EXPECT_FALSE(ring.is_hot(Priority::kHigh));
  ASSERT_TRUE(ring.writer.try_make_room(1, Priority::kHigh));
  EXPECT_TRUE(ring.is_hot(Priority::kNormal));
  ring.writer.close_fast_path();
  EXPECT_FALSE(ring.is_hot(Priority::kNormal));
  EXPECT_FALSE(ring.is_hot(Priority::kHigh));
  EXPECT_EQ(ring.writer.pos(), 0U);
}

TEST(RingWriter, GoesColdAfterALastRecordAndInTheRingItIsGivenNext) {
  TestRing ring(3);
  ASSERT_TRUE(ring.try_write(1, 7));
  ASSERT_TRUE(ring.is_hot(Priority::kHigh));
  ring.writer.commit_last(pack_header(1, 0, 11));
  EXPECT_FALSE(ring.is_hot(Priority::kHigh));
  ring.read_all();

  ASSERT_TRUE(ring.writer.try_make_room(1, Priority::kHigh));  // opens the hot path once more
  ring.writer.attach(ring.cells.data(), 3, &ring.positions, &ring.freed, ring.reader.pos());
  EXPECT_FALSE(ring.is_hot(Priority::kHigh));
  EXPECT_TRUE(ring.try_write(1, 8));
  EXPECT_EQ(ring.read_one().site, 8U);
}

TEST(RingWriter, RefusesEverythingWithoutARing) {
  RingWriter writer;
  EXPECT_FALSE(writer.is_attached());
  EXPECT_EQ(writer.try_reserve_cell(Priority::kHigh), nullptr);
  EXPECT_FALSE(writer.try_make_room(1, Priority::kHigh));

  TestRing ring(3);
  ASSERT_TRUE(ring.try_write(1, 7));
  ring.writer.detach();
  EXPECT_FALSE(ring.writer.is_attached());
  EXPECT_EQ(ring.writer.try_reserve_cell(Priority::kHigh), nullptr);
  EXPECT_FALSE(ring.writer.try_make_room(1, Priority::kHigh));
}

TEST(RingWriter, HasAllOfTheRoomOnTheColdPathThatTheHotOneIsNotToldOfYet) {
  TestRing ring(5, 8);
  fill_up(ring, 31);
  for (int i = 0; i < 11; ++i) (void)ring.read_one();  // eight of them are given to the hot path
  ring.reader.release_space();
  EXPECT_EQ(ring.writer.open_cells(Priority::kHigh).count, 8U);
  ring.writer.give_back();
  EXPECT_FALSE(ring.writer.try_make_room(12, Priority::kHigh));
  EXPECT_TRUE(ring.writer.try_make_room(11, Priority::kHigh));
}

TEST(RingWriter, TakesTheLargestRecordItPromisesAndOrdinaryOnesNoLargerOne) {
  for (const unsigned log2 : {3U, 4U, 6U, 10U, 12U}) {
    TestRing ring(log2, 5);
    const std::uint64_t largest = ring.writer.largest_record();
    EXPECT_LE(largest, kMaxRecordCells);
    if (largest < kMaxRecordCells) {
      EXPECT_FALSE(ring.try_write(largest + 1, 1, Priority::kNormal)) << log2;
    }
    EXPECT_TRUE(ring.try_write(largest, 2, Priority::kNormal)) << log2;
    EXPECT_EQ(ring.read_one().cells, largest);
  }
}

std::uint64_t fill_hot_path(TestRing& ring) {
  while (ring.try_hot(9)) {
  }
  return ring.writer.pos();
}

TEST(RingWriter, ThatWakesLeavesTheHotPathAtEachQuarterThatIsUnread) {
  TestRing ring(6);
  ring.writer.set_wakes(true, false);
  for (const std::uint64_t quarter :
       {16U, 32U, 48U, 55U}) {  // the last eighth is for high priority
    ASSERT_TRUE(ring.writer.try_make_room(1, Priority::kNormal));
    EXPECT_EQ(fill_hot_path(ring), quarter);
    EXPECT_TRUE(ring.writer.wants_reader());
    EXPECT_TRUE(ring.reader.is_past_quarter(ring.reader.capacity()));
  }
  EXPECT_FALSE(ring.writer.try_make_room(1, Priority::kNormal));
  ring.read_all();
  EXPECT_FALSE(ring.writer.wants_reader());
  EXPECT_FALSE(ring.reader.is_past_quarter(ring.reader.capacity()));
}

// Bursts of 3/8 of the ring, each read before the next one comes: each meets the cold path.
TEST(RingWriter, ThatWakesClosesAgainWhatItOpenedForAnEarlierBurst) {
  for (const std::uint64_t start : kHardStarts) {
    TestRing ring(6, start);
    ring.writer.set_wakes(true, false);
    for (int burst = 0; burst < 20; ++burst) {
      int wakes = 0;
      for (int i = 0; i < 24; ++i) {
        if (ring.try_hot(9)) continue;
        ASSERT_TRUE(ring.try_write(1, 9, Priority::kNormal));
        if (ring.writer.wants_reader()) ++wakes;
      }
      EXPECT_GE(wakes, 1) << "start " << start << ", burst " << burst;
      ring.read_all();
    }
  }
}

TEST(RingWriter, ThatWakesForHighPriorityHasNoHotPathForIt) {
  TestRing ring(6);
  ring.writer.set_wakes(false, true);
  ASSERT_TRUE(ring.writer.try_make_room(1, Priority::kHigh));
  EXPECT_FALSE(ring.is_hot(Priority::kHigh));
  EXPECT_TRUE(ring.is_hot(Priority::kNormal));
}

}  // namespace
}  // namespace metlog
