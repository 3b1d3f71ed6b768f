#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "metlog/internal/base/mapped_memory.h"
#include "metlog/internal/ring/ring_header.h"

namespace metlog {

/// The place for the memory of a ring.
struct RingPlace {
  int directory_fd = -1;  // the session's directory; -1 for anonymous memory
  std::uint32_t index = 0;
  const std::uint8_t* session_id = nullptr;  // 16 bytes; null for zeros
  bool is_whole = false;                     // all cells have memory from the beginning
};

/// The mapping of one ring: a header page and the cells. They are in a file that another process
/// can read after ours has died, or in anonymous memory when the file is refused.
///
/// A new ring has memory for its first cells only, and gets more while it is written for the first
/// time: a thread that logs once keeps 12 KiB. Cells without memory must not be touched: neither
/// written nor read. Where MappedMemory cannot do that, a ring has all of it from the beginning.
class RingMemory {
 public:
  /// Maps a ring of 2^cells_log2 cells. Falls back to anonymous memory when the file cannot be
  /// made; is_valid() is false when the system refuses that, too.
  RingMemory(const RingPlace& place, unsigned cells_log2);
  RingMemory(const RingMemory&) = delete;
  RingMemory& operator=(const RingMemory&) = delete;

  [[nodiscard]] bool is_valid() const { return memory_.is_valid(); }
  /// False when the ring, or a part of it, is in anonymous memory.
  [[nodiscard]] bool is_file() const {
    return is_file_.load(std::memory_order_relaxed);  // relaxed: a switch
  }
  /// The errno that refused the file, or a part of it; 0 when there is one or none was asked for.
  /// For the ring's owner, as extend().
  [[nodiscard]] int file_error() const { return file_error_; }
  [[nodiscard]] RingHeader& header() const {
    return *reinterpret_cast<RingHeader*>(memory_.base());
  }
  [[nodiscard]] Cell* cells() const {
    return reinterpret_cast<Cell*>(memory_.base() + kRingHeaderBytes);
  }
  [[nodiscard]] unsigned cells_log2() const { return cells_log2_; }
  [[nodiscard]] std::uint64_t capacity() const { return std::uint64_t{1} << cells_log2_; }
  [[nodiscard]] std::size_t bytes() const { return kRingHeaderBytes + (kCellBytes << cells_log2_); }

  /// The number of cells, from the first on, that have memory: it only grows. Any thread.
  [[nodiscard]] std::uint64_t ready_cells() const {
    // acquire: pairs with extend(); the cells may be read
    return ready_cells_.load(std::memory_order_acquire);
  }
  /// Stores the arguments of a context record in the header, before the reader steps over it; no
  /// bytes for the end of a context. For the flusher's thread.
  void keep_context(const unsigned char* bytes, std::size_t size);
  /// Gives memory to the first `cells` cells and some more, or to all. Where the file system
  /// refuses it, all cells that have none get anonymous memory. False when that is refused, too:
  /// then nothing has changed. Called by the thread that writes the ring.
  bool extend(std::uint64_t cells);
  /// Gets the memory that extend() will ask for next, once half of the present one has been used:
  /// `used` cells have been written. Called by the flusher's thread, which may do that while the
  /// writer calls extend().
  void prepare_extension(std::uint64_t used);

 private:
  [[nodiscard]] std::uint64_t next_ready(std::uint64_t cells) const;

  unsigned cells_log2_;
  const MappedMemory memory_;
  std::atomic<bool> is_file_{false};
  int file_error_;
  std::atomic<std::uint64_t> ready_cells_{0};
  std::uint64_t prepared_cells_ = 0;  // of the flusher
};

}  // namespace metlog
