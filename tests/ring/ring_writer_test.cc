#include "metlog/internal/ring/ring_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <ostream>

#include "tests/ring/test_ring.h"

namespace metlog {
namespace {

// One line of the truth table: a ring of 2^cells_log2 cells whose first record lies at `start`,
// with `fill` cells unread, is asked for `length` cells.
struct Phase {
  unsigned cells_log2;
  std::uint64_t start;
  std::uint64_t fill;
  std::uint64_t length;
  Room room;

  [[nodiscard]] std::uint64_t capacity() const { return std::uint64_t{1} << cells_log2; }
  // What docs/ring.md promises, said without the writer's arithmetic: the kept cell is never
  // given away, and an ordinary record leaves the last eighth alone.
  [[nodiscard]] std::uint64_t free() const {
    std::uint64_t taken = fill + 1;
    if (room == Room::kOrdinary) taken += capacity() == 8 ? 1 : 2;
    return taken < capacity() ? capacity() - taken : 0;
  }
};

std::ostream& operator<<(std::ostream& out, const Phase& at) {
  return out << "ring of " << at.capacity() << " at " << at.start << ", filled " << at.fill
             << ", record of " << at.length << (at.room == Room::kUrgent ? ", urgent" : "");
}

void for_every_phase(const std::function<void(const Phase&)>& check) {
  for (const unsigned log2 : {3U, 4U}) {
    const std::uint64_t capacity = std::uint64_t{1} << log2;
    for (const std::uint64_t base : kHardStarts) {
      for (std::uint64_t index = 0; index < 2 * capacity; ++index) {
        for (std::uint64_t fill = 0; fill < capacity; ++fill) {
          for (std::uint64_t length = 1; length <= capacity + 1; ++length) {
            check({log2, base + index, fill, length, Room::kOrdinary});
            check({log2, base + index, fill, length, Room::kUrgent});
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
    ASSERT_EQ(ring.try_write(at.length, 9, at.room), fits) << at;
    ASSERT_EQ(ring.writer.pos(), at.start + at.fill + (fits ? at.length : 0)) << at;
    for (std::uint64_t i = 0; i < at.fill; ++i) ASSERT_EQ(ring.read_one().site, 7U) << at;
    const Head head = ring.read_one();
    ASSERT_EQ(head.cells, fits ? at.length : 0) << at;
    ASSERT_EQ(head.site, fits ? 9U : 0U) << at;
    ASSERT_EQ(ring.reader.peek(), 0U) << at;
  });
}

TEST(RingWriter, OpensTheHotPathToTheEndOfTheRoomAcrossTheLapsEnd) {
  for_every_phase([](const Phase& at) {
    TestRing ring(at.cells_log2, at.start);
    fill_up(ring, at.fill);
    (void)ring.writer.try_make_room(at.length, at.room);
    const std::uint64_t index = (at.start + at.fill) % at.capacity();
    std::uint64_t taken = 0;
    while (Cell* const cell = ring.writer.try_reserve_cell(at.room)) {
      ASSERT_EQ(cell, &ring.cells[(index + taken) % at.capacity()]) << at;
      ring.writer.publish_cell(cell, pack_head(1, 0, 9));
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
    (void)ring.writer.try_make_room(1, at.room);
    const std::uint64_t index = (at.start + at.fill) % at.capacity();
    Cell* const first = ring.writer.try_reserve_cells(at.length, at.room);
    const bool fits = at.length <= std::min(at.free(), at.capacity() - index);
    ASSERT_EQ(first != nullptr, fits) << at;
    if (!fits) return;
    ASSERT_EQ(first, &ring.cells[index]) << at;
    ring.writer.publish_cells(first, at.length, pack_head(at.length, 0, 9));
    ASSERT_EQ(ring.writer.pos(), at.start + at.fill + at.length) << at;
    for (std::uint64_t i = 0; i < at.length; ++i) {
      const Head head = Head::unpack(first[i].head.load(Order::kRelaxed));
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
  ASSERT_TRUE(ring.writer.try_make_room(1, Room::kUrgent));
  while (Cell* const cell = ring.writer.try_reserve_cell(Room::kUrgent)) {
    ring.writer.publish_cell(cell, pack_head(1, 0, 7));
  }
  // What may be used by ordinary records is exceeded by now: a difference below zero.
  EXPECT_EQ(ring.writer.try_reserve_cells(1, Room::kOrdinary), nullptr);
  EXPECT_EQ(ring.writer.try_reserve_cells(2, Room::kUrgent), nullptr);
}

TEST(RingWriter, StaysOnTheHotPathForEverWhileTheReaderKeepsUp) {
  for (const std::uint64_t start : kHardStarts) {
    TestRing ring(4, start);
    ASSERT_TRUE(ring.writer.try_make_room(1, Room::kOrdinary));
    for (std::uint64_t i = 0; i < 100 * ring.writer.capacity(); ++i) {
      Cell* const cell = ring.writer.try_reserve_cell(Room::kOrdinary);
      ASSERT_NE(cell, nullptr) << "start " << start << ", call " << i;
      ring.writer.publish_cell(cell, pack_head(1, 0, 9));
      if (i % 5 == 4) ring.read_all();
    }
  }
}

// The reader has given a few cells back, but not yet told the hot path: what the cold path writes
// into them lies more than a lap before `freed`, and an unread cell would look free.
TEST(RingWriter, KeepsTheHotPathClosedWhileWhatIsFreedLiesALapBehind) {  // I3
  for (const std::uint64_t start : kHardStarts) {
    TestRing ring(5, start);
    fill_up(ring, ring.writer.capacity() - 1);
    for (int i = 0; i < 3; ++i) ASSERT_EQ(ring.read_one().site, 7U);
    ring.reader.release_space();
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(ring.try_write(1, 8)) << "start " << start;
      ASSERT_EQ(ring.writer.try_reserve_cell(Room::kUrgent), nullptr) << "start " << start;
      ASSERT_EQ(ring.writer.open_cells(Room::kUrgent).count, 0U) << "start " << start;
    }
    ASSERT_FALSE(ring.try_write(1, 8));
    ASSERT_EQ(ring.read_one().site, 7U);
    ring.reader.release_space();  // an eighth of the ring: told to the hot path too
    ASSERT_TRUE(ring.writer.try_make_room(1, Room::kUrgent));
    ASSERT_NE(ring.writer.try_reserve_cell(Room::kUrgent), nullptr);
  }
}

TEST(RingWriter, TurnsTheLapOnceThoughASignalsHandlerLogsInBetween) {
  for (const std::uint64_t start : {std::uint64_t{0}, std::uint64_t{0} - 8}) {
    TestRing ring(3, start);
    ASSERT_TRUE(ring.writer.try_make_room(1, Room::kUrgent));
    for (std::uint32_t i = 0; i < 7; ++i) {
      ring.writer.publish_cell(ring.writer.try_reserve_cell(Room::kUrgent),
                               pack_head(1, 0, 100 + i));
      ring.read_all();
    }
    Cell* const cell = ring.writer.try_reserve_cell(Room::kUrgent);
    ring.writer.publish_cell(ring.writer.try_reserve_cell(Room::kUrgent), pack_head(1, 0, 20));
    ring.writer.publish_cell(cell, pack_head(1, 0, 21));
    EXPECT_EQ(ring.writer.pos(), start + 8);
    EXPECT_EQ(ring.read_one().site, 21U) << "in the same place";
    ring.writer.publish_cell(ring.writer.try_reserve_cell(Room::kUrgent), pack_head(1, 0, 30));
    EXPECT_EQ(ring.read_one().site, 30U);
  }
}

TEST(RingWriter, HasRoomForALastRecordHoweverFullTheRingIs) {  // I4
  for_every_phase([](const Phase& at) {
    TestRing ring(at.cells_log2, at.start);
    fill_up(ring, at.fill);
    ring.writer.seal_last(pack_head(1, 0, 11));
    for (std::uint64_t i = 0; i < at.fill; ++i) ASSERT_EQ(ring.read_one().site, 7U) << at;
    ASSERT_EQ(ring.read_one().site, 11U) << at;
    ASSERT_EQ(ring.reader.peek(), 0U) << at;
  });
}

TEST(RingWriter, RefusesEveryRecordAfterTheLastOneOfAFullRing) {  // I3, I4
  for (const Room room : {Room::kOrdinary, Room::kUrgent}) {
    TestRing ring(3);
    fill_up(ring, 7);
    ring.writer.seal_last(pack_head(1, 0, 11));
    EXPECT_FALSE(ring.writer.try_make_room(1, room));
    EXPECT_EQ(ring.writer.try_reserve_cell(room), nullptr);
    ring.read_all();
    EXPECT_TRUE(ring.writer.try_make_room(1, room)) << "the reader gave all of it back";
  }
}

TEST(RingWriter, LeavesItsLapInEveryCellItWrites) {  // I2
  for_every_phase([](const Phase& at) {
    TestRing ring(at.cells_log2, at.start);
    fill_up(ring, at.fill);
    if (!ring.try_write(at.length, 9, at.room)) return;
    const std::uint64_t first = at.start + at.fill;
    for (std::uint64_t pos = first; pos != first + at.length; ++pos) {
      const std::uint64_t index = pos % at.capacity();
      const Head head = Head::unpack(ring.cells[index].head.load(Order::kRelaxed));
      ASSERT_EQ(head.lap, static_cast<std::uint8_t>(pos / at.capacity() + 1)) << at;
      ASSERT_EQ(head.cells, pos == first ? at.length : 0) << at;
    }
  });
}

TEST(RingWriter, SendsTheFirstReservationAfterAttachAndHoldToTheColdPath) {
  TestRing ring(3);
  EXPECT_EQ(ring.writer.try_reserve_cell(Room::kUrgent), nullptr);
  ASSERT_TRUE(ring.writer.try_make_room(1, Room::kUrgent));
  EXPECT_NE(ring.writer.try_reserve_cell(Room::kOrdinary), nullptr);
  ring.writer.hold();
  EXPECT_EQ(ring.writer.try_reserve_cell(Room::kOrdinary), nullptr);
  EXPECT_EQ(ring.writer.try_reserve_cell(Room::kUrgent), nullptr);
  EXPECT_EQ(ring.writer.pos(), 0U);
}

TEST(RingWriter, GoesColdAfterALastRecordAndInTheRingItIsGivenNext) {
  TestRing ring(3);
  ASSERT_TRUE(ring.try_write(1, 7));
  ASSERT_NE(ring.writer.try_reserve_cell(Room::kUrgent), nullptr);
  ring.writer.seal_last(pack_head(1, 0, 11));
  EXPECT_EQ(ring.writer.try_reserve_cell(Room::kUrgent), nullptr);
  ring.read_all();

  ASSERT_TRUE(ring.writer.try_make_room(1, Room::kUrgent));  // opens the hot path once more
  ring.writer.attach(ring.cells.data(), 3, &ring.positions, &ring.freed, ring.reader.pos());
  EXPECT_EQ(ring.writer.try_reserve_cell(Room::kUrgent), nullptr);
  EXPECT_TRUE(ring.try_write(1, 8));
  EXPECT_EQ(ring.read_one().site, 8U);
}

TEST(RingWriter, RefusesEverythingWithoutARing) {
  RingWriter writer;
  EXPECT_FALSE(writer.is_attached());
  EXPECT_EQ(writer.try_reserve_cell(Room::kUrgent), nullptr);
  EXPECT_FALSE(writer.try_make_room(1, Room::kUrgent));

  TestRing ring(3);
  ASSERT_TRUE(ring.try_write(1, 7));
  ring.writer.detach();
  EXPECT_FALSE(ring.writer.is_attached());
  EXPECT_EQ(ring.writer.try_reserve_cell(Room::kUrgent), nullptr);
  EXPECT_FALSE(ring.writer.try_make_room(1, Room::kUrgent));
}

TEST(RingWriter, HasAllOfTheRoomOnTheColdPathThatTheHotOneIsNotToldOfYet) {
  TestRing ring(5, 8);
  fill_up(ring, 31);
  for (int i = 0; i < 11; ++i) (void)ring.read_one();  // eight of them are told to the hot path
  ring.reader.release_space();
  EXPECT_EQ(ring.writer.open_cells(Room::kUrgent).count, 8U);
  EXPECT_FALSE(ring.writer.try_make_room(12, Room::kUrgent));
  EXPECT_TRUE(ring.writer.try_make_room(11, Room::kUrgent));
}

TEST(RingWriter, TakesTheLargestRecordItPromisesAndOrdinaryOnesNoLargerOne) {
  for (const unsigned log2 : {3U, 4U, 6U, 10U, 12U}) {
    TestRing ring(log2, 5);
    const std::uint64_t largest = ring.writer.largest_record();
    EXPECT_LE(largest, kMaxRecordCells);
    if (largest < kMaxRecordCells) {
      EXPECT_FALSE(ring.try_write(largest + 1, 1, Room::kOrdinary)) << log2;
    }
    EXPECT_TRUE(ring.try_write(largest, 2, Room::kOrdinary)) << log2;
    EXPECT_EQ(ring.read_one().cells, largest);
  }
}

}  // namespace
}  // namespace metlog
