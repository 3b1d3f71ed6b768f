#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "metlog/loss.h"
#include "tools/router/decode/message_block.h"

namespace metlog {

/// The messages between the router and an output's sender, and the count of them:
///
///   router's thread      push() -> waiting slices
///   output's thread                pop() -> in work -> batched() -> batches of the SendQueue
///
/// pushed = without a form + expired + dropped + in batches + waiting + in work. The counts change
/// under one mutex, taken once for each slice and batch.
class OutputQueue {
 public:
  explicit OutputQueue(std::size_t limit_bytes) : limit_bytes_(limit_bytes) {}

  // The router's thread.

  /// True when the slice is within the limit. The bytes of a block count once, however many of its
  /// slices wait, and one block always has room.
  [[nodiscard]] bool has_room_for(const BlockSlice& slice) const;
  /// Gives up what waits for longest until the slice has room.
  void make_room_for(const BlockSlice& slice);
  /// Appends a slice, `count` of whose messages are for this output.
  void push(const BlockSlice& slice, std::uint64_t count);
  /// The bytes of the blocks that wait. Any thread.
  [[nodiscard]] std::size_t bytes() const {
    return bytes_.load(std::memory_order_relaxed);  // relaxed: a figure
  }
  [[nodiscard]] std::size_t limit_bytes() const { return limit_bytes_; }
  /// True when slices wait that had no room.
  [[nodiscard]] bool is_over_limit() const {
    // relaxed: a figure for a decision; what waits is behind the mutex
    return bytes_.load(std::memory_order_relaxed) > limit_bytes_;
  }

  // The output's thread.

  /// Takes the next slice, which is in work from then on; false when none waits.
  bool pop(BlockSlice& slice);
  /// Messages in work are now in batch `number` of the send queue, whose batches up to `done` are
  /// done.
  void batched(std::uint64_t number, std::uint64_t count, std::uint64_t done);
  /// A message in work has no form in the output's format.
  void without_form();
  /// Counts what waits or is in work as lost.
  void expire();

  struct Counts {
    std::uint64_t pending = 0;  // waiting, in work, or in a batch after `done`
    std::uint64_t without_form = 0;
    std::uint64_t expired = 0;
    std::uint64_t dropped = 0;  // by make_room_for()
  };
  [[nodiscard]] Counts counts(std::uint64_t done) const;

 private:
  struct Waiting {
    BlockSlice slice;
    std::uint64_t count;
    std::size_t bytes;  // of the block, when it is its first slice here
  };
  struct Batched {
    std::uint64_t number;
    std::uint64_t count;
  };

  [[nodiscard]] bool has_room(const BlockSlice& slice) const;
  Waiting take_first();

  const std::size_t limit_bytes_;
  mutable std::mutex mutex_;  // of the following
  std::deque<Waiting> waiting_;
  std::vector<Batched> batched_;  // at most one for each batch: batched() removes those done
  std::uint64_t waiting_count_ = 0;
  std::uint64_t in_work_ = 0;
  std::uint64_t without_form_ = 0;
  std::uint64_t expired_ = 0;
  std::uint64_t dropped_ = 0;
  const MessageBlock* last_block_ = nullptr;  // of waiting_; null when nothing waits
  std::atomic<std::size_t> bytes_{0};         // stored under the mutex
};

}  // namespace metlog
