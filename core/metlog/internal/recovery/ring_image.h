#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/base/record_id.h"
#include "metlog/internal/context/context_text.h"
#include "metlog/internal/ring/ring_header.h"

namespace metlog {

/// The ring of a process that died, read from its file by the rules of docs/ring.md. Trusts no
/// number in it, and holds no more than the file does. What its header says counts as far as the
/// cells agree: the tags of their laps tell where the writer was. Used by one thread.
class RingImage {
 public:
  /// The layout before batches: the file says what left the process, not what left the ring.
  static constexpr std::uint32_t kAbiBeforeBatches = 1;

  /// `fd` is the ring's file, `index` the number in its name. kNotFound when it never became a
  /// ring, kFailedPrecondition when it is of a later version, kInvalidArgument says what is wrong
  /// with it.
  static absl::StatusOr<RingImage> read(int fd, const std::string& name, std::uint32_t index);

  struct Record {
    RecordHeader head;
    std::uint64_t stamp;  // ticks; kNoStamp when the flusher would have stamped it
    RecordId id;
  };
  /// Returns the next record that was not drained; nothing at the end. Steps over damage.
  std::optional<Record> next();
  /// Returns the arguments of the record that next() returned last; valid until the next call.
  [[nodiscard]] const std::vector<unsigned char>& args() const { return args_; }
  /// Returns the rings in which the records that follow say that their thread goes on.
  [[nodiscard]] std::vector<std::uint64_t> continuations() const;

  [[nodiscard]] std::uint32_t index() const { return index_; }
  /// Selects the connection of its thread's messages, modulo their number.
  [[nodiscard]] std::uint64_t queue_key() const { return queue_key_; }
  /// Returns the thread that wrote it last.
  [[nodiscard]] const ThreadText& thread() const { return thread_; }
  /// Returns the arguments of the context record that holds for the first record; empty for none.
  [[nodiscard]] const std::vector<unsigned char>& context() const { return context_; }
  /// Cells that hold no record although records follow.
  [[nodiscard]] std::uint64_t damaged_cells() const { return damaged_cells_; }
  /// Fields of the header that make no sense, for a person; empty for none.
  [[nodiscard]] const std::string& damage() const { return damage_; }
  /// Records that were refused, by the writer's count.
  [[nodiscard]] std::uint64_t refused() const { return refused_; }
  /// Where the next record begins.
  [[nodiscard]] std::uint64_t pos() const { return pos_; }
  /// True when the header's positions are damaged, so that pos() is a guess from the cells: modulo
  /// 256 laps, and a lap too early at most.
  [[nodiscard]] bool is_guessed() const { return is_guessed_; }
  /// Says that there was a record at `pos`: a guess moves by whole laps.
  void note_record_at(std::uint64_t pos);

 private:
  [[nodiscard]] std::uint64_t capacity() const { return std::uint64_t{1} << cells_log2_; }
  [[nodiscard]] std::uint64_t mask() const { return capacity() - 1; }
  [[nodiscard]] const Cell* cell_at(std::uint64_t pos) const;
  [[nodiscard]] bool is_record_at(std::uint64_t pos) const;
  [[nodiscard]] std::optional<std::uint64_t> find_record(std::uint64_t at) const;
  void gather(std::uint32_t cells);

  void read_sizes(const RingHeader& header, std::uint64_t cell_count);
  void read_cells(int fd, std::uint64_t cells);
  void find_begin(const RingHeader& header);
  void find_begin_before_batches(const RingHeader& header);
  void guess_begin();
  [[nodiscard]] bool is_untouched() const;
  [[nodiscard]] bool fits(std::uint64_t pos) const;
  [[nodiscard]] std::uint64_t end_of_records(std::uint64_t pos) const;
  void begin_at(std::uint64_t pos);
  void note_damage(const char* field);

  std::vector<Cell> cells_;  // those that the file has
  unsigned cells_log2_ = 0;
  std::uint32_t index_ = 0;
  std::uint64_t queue_key_ = 0;
  ThreadText thread_;
  std::uint64_t refused_ = 0;
  std::uint64_t pos_ = 0;
  std::uint64_t end_ = 0;  // a lap after the first position: nothing can be there
  bool is_guessed_ = false;
  bool begins_inside_ = false;  // perhaps, of a record
  std::uint64_t damaged_cells_ = 0;
  std::string damage_;
  std::vector<unsigned char> context_;
  std::vector<unsigned char> args_;
};

}  // namespace metlog
