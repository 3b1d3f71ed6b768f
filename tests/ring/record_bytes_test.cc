#include "metlog/internal/ring/record_bytes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/ring/test_ring.h"

namespace metlog {
namespace {

std::string make_bytes(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed * 1000003 + size);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

// Cuts `bytes` into pieces of at most `longest` bytes, empty ones among them.
std::vector<Bytes> split(const std::string& bytes, std::size_t longest, std::mt19937_64& random) {
  std::vector<Bytes> pieces;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t size = std::min(random() % (longest + 1), bytes.size() - at);
    pieces.push_back({bytes.data() + at, size});
    at += size;
  }
  pieces.push_back({nullptr, 0});
  return pieces;
}

// Takes the hot path when `hot` and the cells are adjacent, else the cold one.
bool try_write_bytes(TestRing& ring, const std::vector<Bytes>& pieces, std::size_t size,
                     bool hot = false) {
  const std::uint64_t cells = record_cells(size);
  if (!ring.writer.try_make_room(cells, Priority::kHigh)) return false;
  Cell* const first = hot ? ring.writer.try_reserve_cells(cells, Priority::kHigh) : nullptr;
  if (first != nullptr) {
    first->stamp = size + 1;
    unsigned char* at = first->args;
    for (const Bytes& piece : pieces) at = put_spanning(at, piece.at, piece.size);
    ring.writer.publish_cells(first, cells, pack_header(cells, 1, 2));
    return true;
  }
  fill_record(ring.writer, size + 1, {pieces.data(), pieces.size(), size});
  ring.writer.commit(cells, pack_header(cells, 1, 2));
  return true;
}

// Returns the bytes of the ring's next record; its stamp is its size.
std::string read_bytes(TestRing& ring) {
  const RecordHeader head = RecordHeader::unpack(ring.reader.peek());
  if (head.cells == 0) return "no record";
  const std::size_t size = ring.reader.cell(0).stamp - 1;
  EXPECT_EQ(head.cells, record_cells(size));
  std::vector<unsigned char> buffer(record_capacity(head.cells));
  const unsigned char* const at = gather_record(ring.reader, head.cells, buffer.data());
  const std::string bytes(reinterpret_cast<const char*>(at), size);
  ring.reader.advance(head.cells);
  ring.reader.release_space();
  return bytes;
}

TEST(RecordBytes, CountsCellsAndCapacitiesAlike) {
  EXPECT_EQ(record_cells(0), 1U);
  EXPECT_EQ(record_capacity(0), 0U);
  for (std::uint32_t cells = 1; cells <= kMaxRecordCells; ++cells) {
    ASSERT_EQ(record_cells(record_capacity(cells)), cells);
    ASSERT_EQ(record_cells(record_capacity(cells) + 1), cells + 1U);
  }
}

TEST(RecordBytes, ComeBackExactAtEverySizeAndPhase) {
  std::mt19937_64 random(1);
  for (const std::uint64_t base : kHardStarts) {
    for (std::uint64_t index = 0; index < 8; ++index) {
      for (std::size_t size = 0; size <= record_capacity(7); ++size) {
        for (const bool hot : {false, true}) {
          TestRing ring(3, base + index);
          const std::string bytes = make_bytes(size, index);
          const std::vector<Bytes> pieces = split(bytes, 1 + size % 61, random);
          ASSERT_TRUE(try_write_bytes(ring, pieces, size, hot)) << size;
          ASSERT_EQ(read_bytes(ring), bytes) << "size " << size << " index " << index;
        }
      }
    }
  }
}

TEST(RecordBytes, AreRefusedWholeWhenTheyAreTooManyForTheRing) {
  std::mt19937_64 random(2);
  for (std::uint64_t index = 0; index < 8; ++index) {
    TestRing ring(3, index);
    for (std::size_t size = record_capacity(7) + 1; size <= 3 * record_capacity(8); ++size) {
      ASSERT_FALSE(try_write_bytes(ring, split(make_bytes(size, 3), 100, random), size)) << size;
    }
    ASSERT_EQ(ring.reader.peek(), 0U);
    ASSERT_TRUE(try_write_bytes(ring, split("next", 4, random), 4));
    ASSERT_EQ(read_bytes(ring), "next");
  }
}

TEST(RecordBytes, TouchOnlyTheCellsOfTheirRecord) {
  std::mt19937_64 random(3);
  for (std::size_t size = 0; size <= record_capacity(5); ++size) {
    for (const bool hot : {false, true}) {
      TestRing ring(3);
      for (Cell& cell : ring.cells) std::fill(std::begin(cell.args), std::end(cell.args), 0xee);
      ASSERT_TRUE(try_write_bytes(ring, split(make_bytes(size, 4), 13, random), size, hot));
      for (std::uint64_t i = record_cells(size); i < 8; ++i) {
        for (const unsigned char byte : ring.cells[i].args) ASSERT_EQ(byte, 0xee) << size;
        ASSERT_EQ(ring.cells[i].stamp, 0U) << size;
        ASSERT_EQ(ring.cells[i].head.load(Order::kRelaxed), 0U) << size;
      }
    }
  }
}

TEST(RecordBytes, OfRandomRecordsComeBackInOrderThroughManyLaps) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random(seed);
    TestRing ring(4, kHardStarts[seed % 3]);
    std::size_t emitted = 0;
    std::size_t delivered = 0;
    while (emitted < 500) {
      const std::size_t size = random() % (record_capacity(15) + 1);
      const std::string bytes = make_bytes(size, seed + emitted);
      if (try_write_bytes(ring, split(bytes, 1 + random() % 90, random), size, true)) {
        ++emitted;
        ASSERT_EQ(read_bytes(ring), bytes) << "seed " << seed << " record " << emitted;
        ++delivered;
      }
    }
    EXPECT_EQ(emitted, delivered);
    EXPECT_EQ(ring.reader.peek(), 0U);
  }
}

}  // namespace
}  // namespace metlog
