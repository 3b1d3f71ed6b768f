#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/base/record_id.h"
#include "metlog/internal/ring/cell.h"

namespace metlog {

/// The ring of a process that died, read from its file by the rules of docs/ring.md. Trusts no
/// number in it, and holds no more than the file does. Used by one thread.
class RingImage {
 public:
  /// `fd` is the ring's file. kNotFound when it never became a ring, kInvalidArgument says what is
  /// wrong with it.
  static absl::StatusOr<RingImage> read(int fd, const std::string& name);

  struct Record {
    RecordHeader head;
    std::uint64_t stamp;  // ticks; kNoStamp when the flusher would have stamped it
    RecordId id;
  };
  /// Returns the next record that was not drained; nothing at the end. Steps over damage.
  std::optional<Record> next();
  /// Returns the arguments of the record that next() returned last; valid until the next call.
  [[nodiscard]] const std::vector<unsigned char>& args() const { return args_; }

  [[nodiscard]] std::uint32_t index() const { return index_; }
  /// Selects the connection of its thread's messages, modulo their number.
  [[nodiscard]] std::uint64_t queue_key() const { return queue_key_; }
  /// Returns the arguments of the context record that holds for the first record; empty for none.
  [[nodiscard]] const std::vector<unsigned char>& context() const { return context_; }
  /// Cells that hold no record although records follow.
  [[nodiscard]] std::uint64_t damaged_cells() const { return damaged_cells_; }
  /// Records that were refused, by the writer's count.
  [[nodiscard]] std::uint64_t refused() const { return refused_; }
  /// Where the next record begins.
  [[nodiscard]] std::uint64_t pos() const { return pos_; }

 private:
  [[nodiscard]] std::uint64_t mask() const { return (std::uint64_t{1} << cells_log2_) - 1; }
  [[nodiscard]] const Cell* cell_at(std::uint64_t pos) const;
  [[nodiscard]] bool is_record_at(std::uint64_t pos) const;
  void gather(std::uint32_t cells);

  std::vector<Cell> cells_;  // those that the file has
  unsigned cells_log2_ = 0;
  std::uint32_t index_ = 0;
  std::uint64_t queue_key_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t pos_ = 0;
  std::uint64_t end_ = 0;  // a lap after the first position: nothing can be there
  std::uint64_t damaged_cells_ = 0;
  std::vector<unsigned char> context_;
  std::vector<unsigned char> args_;
};

}  // namespace metlog
