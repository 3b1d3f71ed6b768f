#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/internal/ring/ring_header.h"

namespace metlog {

/// The place for the memory of a ring.
struct RingPlace {
  int directory_fd = -1;  // the session's directory; -1 for anonymous memory
  std::uint32_t index = 0;
  const std::uint8_t* session_id = nullptr;  // 16 bytes; null for zeros
};

/// The mapping of one ring: a header page and the cells. They are in a pre-allocated file that
/// another process can read after ours has died, or in anonymous memory when the file is refused.
/// All pages are present from the beginning. Not thread-safe.
class RingMemory {
 public:
  /// Maps a ring of 2^cells_log2 cells. Falls back to anonymous memory when the file cannot be
  /// made; is_valid() is false when the system refuses that, too.
  RingMemory(const RingPlace& place, unsigned cells_log2);
  ~RingMemory();
  RingMemory(const RingMemory&) = delete;
  RingMemory& operator=(const RingMemory&) = delete;

  [[nodiscard]] bool is_valid() const { return base_ != nullptr; }
  [[nodiscard]] bool is_file() const { return is_file_; }
  /// The errno that refused the file; 0 when there is one or none was asked for.
  [[nodiscard]] int file_error() const { return file_error_; }
  [[nodiscard]] RingHeader& header() const { return *reinterpret_cast<RingHeader*>(base_); }
  [[nodiscard]] Cell* cells() const { return reinterpret_cast<Cell*>(base_ + kRingHeaderBytes); }
  [[nodiscard]] unsigned cells_log2() const { return cells_log2_; }
  [[nodiscard]] std::size_t bytes() const { return kRingHeaderBytes + (kCellBytes << cells_log2_); }

 private:
  bool map_file(const RingPlace& place);
  bool map_anonymous();

  unsigned cells_log2_;
  unsigned char* base_ = nullptr;
  bool is_file_ = false;
  int file_error_ = 0;
};

}  // namespace metlog
