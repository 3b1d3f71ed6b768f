#include "metlog/internal/ring/ring_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/ring/test_ring.h"

namespace metlog {
namespace {

// Calls check(ring, start) for rings of 8 and 16 cells that begin at every index near each hard
// position.
template <class Check>
void for_every_start(const Check& check) {
  for (const unsigned log2 : {3U, 4U}) {
    for (const std::uint64_t base : kHardStarts) {
      for (std::uint64_t index = 0; index < std::uint64_t{2} << log2; ++index) {
        TestRing ring(log2, base + index);
        check(ring, base + index);
      }
    }
  }
}

TEST(RingReader, SeesNothingInAFreshRing) {
  for_every_start([](TestRing& ring, std::uint64_t start) {
    for (std::uint64_t i = 0; i < ring.reader.capacity(); ++i) {
      ASSERT_EQ(ring.reader.peek(), 0U) << "start " << start << " cell " << i;
      ring.reader.advance(1);  // polls a place that the writer has not reached
    }
  });
}

TEST(RingReader, SeesNothingInAZeroedRingThatBeginsAtZero) {
  std::vector<Cell> cells(8);
  RingPositions positions{};
  const RingReader reader(cells.data(), 3, &positions, 0);
  EXPECT_EQ(reader.peek(), 0U);
}

TEST(RingReader, SeesNothingInMemoryThatWasInUseBeforeItWasFormatted) {  // I2
  for_every_start([](TestRing& ring, std::uint64_t start) {
    const unsigned log2 = ring.reader.capacity() == 8 ? 3 : 4;
    for (std::uint64_t pos = start; pos != start + ring.reader.capacity(); ++pos) {
      Cell& cell = ring.writer.cell_at(pos);
      cell.head.store(pack_header(1, 0, 5) | lap_of(pos, log2), Order::kRelaxed);
    }
    ASSERT_NE(ring.reader.peek(), 0U) << "what format_cells() is for";
    format_cells(ring.cells.data(), log2, start);
    for (std::uint64_t i = 0; i < ring.reader.capacity(); ++i) {
      ASSERT_EQ(ring.reader.peek(), 0U) << "start " << start << " cell " << i;
      const RecordHeader head =
          RecordHeader::unpack(ring.reader.cell(0).head.load(Order::kRelaxed));
      ASSERT_EQ(head.lap, static_cast<std::uint8_t>(lap_of(start + i, log2) - 1));
      ring.reader.advance(1);
    }
  });
}

TEST(RingReader, FindsEachRecordWholeWhereItsCellsWrap) {
  for_every_start([](TestRing& ring, std::uint64_t start) {
    for (std::uint64_t length = 1; length < ring.reader.capacity(); ++length) {
      const std::uint64_t first = ring.writer.pos();
      ASSERT_TRUE(ring.writer.try_make_room(length, Priority::kHigh));
      for (std::uint64_t i = 0; i < length; ++i) ring.writer.cell_at(first + i).args[0] = 'a';
      ring.writer.cell_at(first + length - 1).args[0] = 'z';
      ring.writer.commit(length, pack_header(length, 3, 77));

      const RecordHeader head = RecordHeader::unpack(ring.reader.peek());
      ASSERT_EQ(head.cells, length) << "start " << start;
      ASSERT_EQ(head.client, 3U);
      ASSERT_EQ(head.site, 77U);
      ASSERT_EQ(ring.reader.cell(length - 1).args[0], 'z') << "start " << start;
      ring.reader.advance(length);
      ring.reader.release_space();
      ASSERT_EQ(ring.reader.pos(), first + length);
    }
  });
}

// Writes and reads one lap in records of `length` cells, the last one shorter.
void pass_a_lap(TestRing& ring, std::uint64_t length) {
  for (std::uint64_t done = 0; done < ring.reader.capacity();) {
    const std::uint64_t cells = std::min(length, ring.reader.capacity() - done);
    ASSERT_TRUE(ring.try_write(cells, 5));
    ASSERT_EQ(ring.read_one().cells, cells);
    ring.reader.release_space();
    done += cells;
  }
}

TEST(RingReader, NeverTakesBytesOfTheLapBeforeForAHeader) {  // I2
  for_every_start([](TestRing& ring, std::uint64_t start) {
    // Odd and even lengths in turn: headers are then where continuation cells were, and the
    // reverse.
    for (const unsigned length : {1U, 2U, 1U, 3U, 2U, 5U, 1U, 7U, 3U}) {
      pass_a_lap(ring, length);
      const RingReader& at_end = ring.reader;
      for (std::uint64_t ahead = 0; ahead < at_end.capacity(); ++ahead) {
        const RingReader look(ring.cells.data(), at_end.capacity() == 8 ? 3 : 4, nullptr,
                              at_end.pos() + ahead);
        ASSERT_EQ(look.peek(), 0U) << "start " << start << " length " << length << "+" << ahead;
      }
    }
  });
}

TEST(RingReader, NeverTakesACellForAHeaderThatWasOne256LapsAgo) {  // I2
  TestRing ring(3);
  pass_a_lap(ring, 1);  // every cell a header with the tag of lap 0
  for (int lap = 1; lap < 256; ++lap) pass_a_lap(ring, 2);
  ASSERT_EQ(lap_of(ring.reader.pos(), 3), lap_of(0, 3)) << "the tag has come round";
  ASSERT_TRUE(ring.try_write(1, 6));
  EXPECT_EQ(ring.read_one().site, 6U);
  EXPECT_EQ(ring.reader.peek(), 0U) << "cell 1 was a header in lap 0 and a continuation since";
}

TEST(RingReader, KeepsItsStepThroughMoreLapsThanTheTagCounts) {
  for (const std::uint64_t start : kHardStarts) {
    TestRing ring(3, start);
    for (std::uint32_t i = 0; i < 3000; ++i) {
      const std::uint64_t length = 1 + i % 7;
      ASSERT_EQ(ring.reader.peek(), 0U) << i;
      ASSERT_TRUE(ring.try_write(length, i));
      const RecordHeader head = ring.read_one();
      ASSERT_EQ(head.cells, length) << i;
      ASSERT_EQ(head.site, i);
      ring.reader.release_space();
    }
  }
}

TEST(RingReader, GivesSpaceBackAQuarterAtATimeOrWhenTold) {
  for_every_start([](TestRing& ring, std::uint64_t start) {
    const std::uint64_t quarter = ring.reader.capacity() / 4;
    for (std::uint64_t i = 0; i < quarter; ++i) ASSERT_TRUE(ring.try_write(1, 5));
    for (std::uint64_t i = 1; i < quarter; ++i) {
      ring.reader.advance(1);
      ASSERT_EQ(ring.positions.read_pos.load(Order::kRelaxed), start) << i;
    }
    ring.reader.advance(1);
    ASSERT_EQ(ring.positions.read_pos.load(Order::kRelaxed), start + quarter);

    ASSERT_TRUE(ring.try_write(1, 5));
    ring.reader.advance(1);
    ASSERT_EQ(ring.positions.read_pos.load(Order::kRelaxed), start + quarter);
    ring.reader.release_space();
    ASSERT_EQ(ring.positions.read_pos.load(Order::kRelaxed), start + quarter + 1);
  });
}

TEST(RingReader, SaysWhatIsDrainedWithoutFreeingIt) {
  TestRing ring(3);
  ASSERT_TRUE(ring.try_write(1, 5));
  EXPECT_EQ(ring.positions.drained_pos.load(Order::kRelaxed), 0U);
  ring.reader.advance(1);
  EXPECT_EQ(ring.positions.drained_pos.load(Order::kRelaxed), 1U);
  EXPECT_EQ(ring.positions.read_pos.load(Order::kRelaxed), 0U);
}

}  // namespace
}  // namespace metlog
