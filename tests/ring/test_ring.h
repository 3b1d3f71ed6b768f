#pragma once

#include <cstdint>
#include <vector>

#include "metlog/internal/ring/cell.h"
#include "metlog/internal/ring/ring_header.h"
#include "metlog/internal/ring/ring_reader.h"
#include "metlog/internal/ring/ring_writer.h"

namespace metlog {

/// A ring in private memory with both of its ends.
struct TestRing {
  explicit TestRing(unsigned cells_log2, std::uint64_t start_pos = 0)
      : cells(std::size_t{1} << cells_log2),
        positions{{start_pos}, {start_pos}},
        reader(cells.data(), cells_log2, &positions, start_pos) {
    format_cells(cells.data(), cells_log2, start_pos);
    reader.serve(&freed);
    writer.attach(cells.data(), cells_log2, &positions, &freed, start_pos);
  }
  TestRing(const TestRing&) = delete;
  TestRing& operator=(const TestRing&) = delete;

  /// Writes a record of `length` cells if the ring takes it.
  bool try_write(std::uint64_t length, std::uint32_t site, Priority priority = Priority::kHigh) {
    if (!writer.try_make_room(length, priority)) return false;
    writer.commit(length, pack_header(length, 0, site));
    return true;
  }

  /// Writes a record of one cell on the hot path if that is open.
  bool try_hot(std::uint32_t site, Priority priority = Priority::kNormal) {
    Cell* const cell = writer.try_reserve_cell(priority);
    if (cell == nullptr) return false;
    writer.publish_cell(cell, pack_header(1, 0, site));
    return true;
  }
  /// True when the hot path would take a record of one cell.
  bool is_hot(Priority priority) {
    if (writer.try_reserve_cells(1, priority) == nullptr) return false;
    writer.give_back();
    return true;
  }

  /// The next record's head, stepped over; all zero when there is none.
  RecordHeader read_one() {
    const RecordHeader head = RecordHeader::unpack(reader.peek());
    reader.advance(head.cells);
    return head;
  }

  void read_all() {
    while (read_one().cells > 0) {
    }
    reader.release_space();
  }

  std::vector<Cell> cells;
  RingPositions positions;
  PlainAtomic<std::uint64_t> freed{};
  RingWriter writer;
  RingReader reader;
};

/// The difficult positions: zero, and those that exceed 32 or 64 bits within the first lap.
inline constexpr std::uint64_t kHardStarts[] = {0, (std::uint64_t{1} << 32) - 16,
                                                std::uint64_t{0} - 16};

}  // namespace metlog
