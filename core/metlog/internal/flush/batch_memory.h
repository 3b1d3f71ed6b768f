#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "metlog/internal/base/mapped_memory.h"
#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/session/sent_totals.h"
#include "metlog/sender.h"

namespace metlog {

inline constexpr std::uint64_t kBatchMagic = 0x48435442'474c544d;  // "MTLGBTCH", little endian
inline constexpr std::uint32_t kBatchAbi = 2;

/// The first page of a batch's file, for another process after our death; docs/ring.md lists the
/// offsets. Behind it are the text and the table of messages.
struct BatchHeader {
  PlainAtomic<std::uint64_t> magic;
  std::uint32_t abi;
  std::uint32_t header_bytes;
  std::uint8_t session[16];
  std::uint32_t stream;       // of the queue
  std::uint32_t entry_bytes;  // of the table
  std::uint64_t text_at;      // offset of the text in the file
  std::uint64_t table_at;     // offset of the table
  // What is in it now. `count` publishes a message; the owner of the batch stores all of them.
  PlainAtomic<std::uint64_t> number;
  PlainAtomic<std::uint64_t> first_sequence;
  PlainAtomic<std::uint64_t> count;          // messages
  PlainAtomic<std::uint64_t> next;           // messages, from the first on, that are sent or lost
  PlainAtomic<std::uint64_t> cursor;         // bytes of the text that are
  PlainAtomic<std::uint64_t> write_offset;   // see Batch::begin_write(), plus one; 0 for none
  PlainAtomic<std::uint64_t> write_index;    // the message that is written there
  PlainAtomic<std::uint64_t> next_sequence;  // what followed the last batch that was in it
  /// Not 0 in a batch that a recovery has made: `totals` is of all batches of the stream with a
  /// smaller number, too.
  std::uint64_t replaces_earlier;
  /// What became of the batches that were in this file, up to the one with `totals.number`.
  SentTotalsPair totals;
  /// The file of `write_offset`; 0 where its sender did not say which, as earlier versions.
  PlainAtomic<std::uint64_t> write_device;
  PlainAtomic<std::uint64_t> write_inode;

  void begin_write(std::uint64_t index, std::uint64_t offset, const FileIdentity& file) {
    // release, all: for a process that reads the file after our death. Without an offset meanwhile.
    write_offset.store(0, Order::kRelease);
    write_index.store(index, Order::kRelease);
    write_device.store(file.device, Order::kRelease);
    write_inode.store(file.inode, Order::kRelease);
    write_offset.store(offset + 1, Order::kRelease);
  }
};
static_assert(sizeof(BatchHeader) == 568);

/// The memory of a Batch: the header, the text of its messages and their table. In a file of the
/// session, if there is one, so that what was drained from a ring outlives the process until a
/// sender has it; anonymous where the file is refused, which standard error says. Its pages come as
/// they are used. Used by one thread at a time.
class BatchMemory {
 public:
  /// Makes nothing yet. `text_bytes` and `entries` are what a batch usually holds at most.
  BatchMemory(const StreamId& stream, const BatchPlace& place, std::size_t text_bytes,
              std::size_t entries);
  /// Removes the file, if this process made it.
  ~BatchMemory();
  BatchMemory(const BatchMemory&) = delete;
  BatchMemory& operator=(const BatchMemory&) = delete;

  /// Makes room for at least `text_bytes` and `entries`. The first `used` bytes of text and the
  /// entries that the header counts stay, perhaps elsewhere. False when the system refuses memory
  /// of either kind.
  [[nodiscard]] bool make_room(std::size_t text_bytes, std::size_t entries, std::size_t used);

  /// Gives up anonymous memory where a file was refused more than a second ago, so that the next
  /// make_room() tries again; true when it did. Requires that nothing is in use.
  bool forget_if_refused();

  /// Adds what became of the batch that is in it now. The first change of clear().
  void add_to_totals(const SentTotals& batch);

  /// These require a make_room().
  [[nodiscard]] BatchHeader& header() const {
    return *reinterpret_cast<BatchHeader*>(memory_.base());
  }
  [[nodiscard]] char* text() const {
    return reinterpret_cast<char*>(memory_.base()) + kHeaderBytes;
  }
  [[nodiscard]] Batch::Entry* table() const {
    return reinterpret_cast<Batch::Entry*>(memory_.base() + kHeaderBytes + reserved_.text);
  }
  /// What there is room for.
  [[nodiscard]] std::size_t text_bytes() const { return ready_.text; }
  [[nodiscard]] std::size_t entries() const { return ready_.table / sizeof(Batch::Entry); }
  /// False before make_room(), and when another process cannot read it.
  [[nodiscard]] bool is_file() const { return memory_.is_file(); }

 private:
  static constexpr std::size_t kHeaderBytes = 4096;
  struct Sizes {
    std::size_t text;   // bytes, whole pages
    std::size_t table;  // bytes
  };

  [[nodiscard]] bool extend(const Sizes& wanted);
  [[nodiscard]] MappedMemory map(const Sizes& sizes, const Sizes& ready, bool may_be_file) const;
  [[nodiscard]] bool move(const Sizes& wanted, std::size_t used, bool may_be_file);
  void describe();
  [[nodiscard]] std::string file_name() const;

  const StreamId stream_;
  BatchPlace place_;
  const pid_t owner_pid_;
  std::uint32_t generation_ = 0;  // of the file
  Sizes reserved_;                // what is mapped
  Sizes ready_{};                 // what may be touched
  MappedMemory memory_;
  SentTotals totals_;  // also in the header, if there is one
  const bool replaces_earlier_;
  std::chrono::steady_clock::time_point refused_;  // for the last time
};

}  // namespace metlog
