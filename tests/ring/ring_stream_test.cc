#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "metlog/internal/ring/record_bytes.h"
#include "tests/ring/test_ring.h"

namespace metlog {
namespace {

struct StreamCase {
  unsigned cells_log2;
  std::uint64_t start_pos;
  std::uint64_t seed;
  std::uint64_t record_count;
};

struct Record {
  std::string bytes;
  std::uint32_t site;
  Priority priority;
};

// What both ends know about the stream: the same seed gives each of them the same records, so the
// reader can check every byte without shared state.
class Script {
 public:
  explicit Script(const StreamCase& stream) : random_(stream.seed) {
    const auto capacity = std::uint64_t{1} << stream.cells_log2;
    largest_bytes_ = record_capacity(static_cast<std::uint32_t>(capacity - 1 - capacity / 8));
  }

  Record next() {
    const std::uint64_t dice = random_();
    const std::size_t longest = dice % 4 == 0 ? largest_bytes_ : kFirstCellArgBytes;
    Record record{std::string((dice >> 8) % (longest + 1), '\0'),
                  static_cast<std::uint32_t>(dice >> 40),
                  dice % 2 ? Priority::kHigh : Priority::kNormal};
    std::uint64_t bits = dice;
    for (char& byte : record.bytes) {
      bits = bits * 6364136223846793005 + 1442695040888963407;
      byte = static_cast<char>(bits >> 56);
    }
    return record;
  }

 private:
  std::mt19937_64 random_;
  std::size_t largest_bytes_;
};

// The number of the record is its stamp; small ones take the hot path when it is open.
bool try_emit(RingWriter& writer, const Record& record, std::uint64_t number) {
  const Bytes piece{record.bytes.data(), record.bytes.size()};
  const RecordPieces pieces{&piece, 1, record.bytes.size()};
  const std::uint64_t cells = record_cells(record.bytes.size());
  const std::uint64_t head = pack_header(cells, 0, record.site);
  if (cells == 1) {
    if (Cell* const cell = writer.try_reserve_cell(record.priority)) {
      fill_record(writer, number, pieces);
      writer.publish_cell(cell, head);
      return true;
    }
  }
  if (cells > 1 && cells <= RingWriter::kHotCells) {
    if (Cell* const first = writer.try_reserve_cells(cells, record.priority)) {
      first->stamp = number;
      put_spanning(first->args, piece.at, piece.size);
      writer.publish_cells(first, cells, head);
      return true;
    }
  }
  if (!writer.try_make_room(cells, record.priority)) return false;
  fill_record(writer, number, pieces);
  writer.commit(cells, head);
  return true;
}

// Reads records until `stopped` and nothing is left, checks each against the script, and gathers
// the numbers that did not arrive.
class Listener {
 public:
  Listener(RingReader& reader, const StreamCase& stream)
      : reader_(reader), script_(stream), record_count_(stream.record_count) {}

  void run(const std::atomic<bool>& stopped) {
    for (;;) {
      // acquire: pairs with the writing thread's last store; what it committed before is seen below
      const bool was_stopped = stopped.load(std::memory_order_acquire);
      if (step()) continue;
      reader_.release_space();
      if (was_stopped) return;
      std::this_thread::yield();
    }
  }

  std::uint64_t received() const { return received_; }
  std::uint64_t next_number() const { return next_; }
  std::uint64_t wrong() const { return wrong_; }
  const std::vector<std::uint64_t>& missing() const { return missing_; }

 private:
  bool step() {
    const RecordHeader head = RecordHeader::unpack(reader_.peek());
    if (head.cells == 0) return false;
    const std::uint64_t number = reader_.cell(0).stamp;
    Record expected = script_.next();
    for (; next_ < number && next_ < record_count_; ++next_) {
      missing_.push_back(next_);
      expected = script_.next();
    }
    std::vector<unsigned char> buffer(record_capacity(head.cells));
    const unsigned char* const at = gather_record(reader_, head.cells, buffer.data());
    const std::string bytes(reinterpret_cast<const char*>(at),
                            std::min(expected.bytes.size(), record_capacity(head.cells)));
    const bool right = number == next_ && head.site == expected.site && bytes == expected.bytes &&
                       head.cells == record_cells(expected.bytes.size());
    wrong_ += right ? 0 : 1;
    ++next_;
    ++received_;
    reader_.advance(head.cells);
    return true;
  }

  RingReader& reader_;
  Script script_;
  std::uint64_t record_count_;
  std::uint64_t next_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t wrong_ = 0;
  std::vector<std::uint64_t> missing_;
};

class RingStream : public ::testing::TestWithParam<StreamCase> {};

TEST_P(RingStream, ArrivesWholeAndInOrderWhenTheWriterWaits) {
  const StreamCase stream = GetParam();
  TestRing ring(stream.cells_log2, stream.start_pos);
  Listener listener(ring.reader, stream);
  std::atomic<bool> stopped{false};
  std::thread reader([&] { listener.run(stopped); });
  Script script(stream);
  for (std::uint64_t number = 0; number < stream.record_count; ++number) {
    const Record record = script.next();
    while (!try_emit(ring.writer, record, number)) std::this_thread::yield();
  }
  stopped.store(true, std::memory_order_release);  // pairs with Listener::run()
  reader.join();
  EXPECT_EQ(listener.wrong(), 0U);
  EXPECT_TRUE(listener.missing().empty());
  EXPECT_EQ(listener.received(), stream.record_count);
}

TEST_P(RingStream, HasItsGapsExactlyWhereTheWriterDropped) {
  const StreamCase stream = GetParam();
  TestRing ring(stream.cells_log2, stream.start_pos);
  Listener listener(ring.reader, stream);
  std::atomic<bool> stopped{false};
  std::thread reader([&] { listener.run(stopped); });
  Script script(stream);
  std::vector<std::uint64_t> dropped;
  for (std::uint64_t number = 0; number < stream.record_count; ++number) {
    if (!try_emit(ring.writer, script.next(), number)) dropped.push_back(number);
    if (number % 64 == 0) std::this_thread::yield();
  }
  stopped.store(true, std::memory_order_release);  // pairs with Listener::run()
  reader.join();
  EXPECT_EQ(listener.wrong(), 0U);
  EXPECT_EQ(listener.received() + dropped.size(), stream.record_count);
  // Nothing comes after a drop at the very end, so the reader cannot know of it.
  while (!dropped.empty() && dropped.back() >= listener.next_number()) dropped.pop_back();
  EXPECT_EQ(listener.missing(), dropped);
}

std::vector<StreamCase> make_cases() {
  std::vector<StreamCase> cases;
  for (const unsigned log2 : {3U, 4U, 5U, 6U}) {
    for (const std::uint64_t start : kHardStarts)
      cases.push_back({log2, start, log2 + start, 20'000});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(TinyRings, RingStream, ::testing::ValuesIn(make_cases()),
                         [](const auto& stream) {
                           return std::to_string(1 << stream.param.cells_log2) + "CellsFrom" +
                                  std::to_string(stream.param.start_pos);
                         });

}  // namespace
}  // namespace metlog
