#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "metlog/loss.h"

namespace metlog {

/// Whose messages a lane carries, as batched frames name it: with the sequence that the lane gives
/// each message, a reader sees which are missing. docs/wire.md has its place in the frame.
struct StreamId {
  std::array<std::uint8_t, 16> session{};  // of the process; a forked child has its own
  std::uint32_t lane = 0;                  // unique within the session

  friend bool operator==(const StreamId&, const StreamId&) = default;
};

/// Encoded messages on their way to a sender: one after the other, each followed by a newline,
/// with a table of where each ends. The flusher fills it, one sender empties it by moving the
/// cursor; at any moment one thread owns it.
class Batch {
 public:
  /// Whose message it is: the user's, which the ledger accounts for, or one of the engine's own
  /// (metlog.loss, metlog.stats).
  enum class Origin : std::uint8_t { kUser, kEngine };

  /// `bytes` bounds what the batch takes before it wants to be sent. A single message may be
  /// longer; the buffer then grows to hold it.
  explicit Batch(std::size_t bytes);

  // Filling, by the flusher.

  /// Room for at least `bytes` more bytes; valid until the next call.
  char* reserve(std::size_t bytes) {
    if (capacity_ - used_ <= bytes) [[unlikely]]
      grow(used_ + bytes + 1);
    return buffer_.get() + used_;
  }
  /// Ends the message that was written from reserve()'s answer up to `end`; adds the newline.
  void commit(const char* end, Origin origin) {
    used_ = static_cast<std::size_t>(end - buffer_.get());
    assert(used_ < capacity_);
    buffer_[used_++] = '\n';
    if (count_ == ends_.size()) [[unlikely]]
      make_room_for_ends();
    ends_[count_++] = {used_, origin};
    if (origin == Origin::kUser) ++user_count_;
  }
  [[nodiscard]] bool is_full() const { return used_ >= wanted_bytes_; }
  /// Back to empty, keeping the memory.
  void clear();

  // Emptying, by the sender.

  [[nodiscard]] bool is_done() const { return next_ == count_; }
  /// Messages not yet taken, the one the cursor stands in included.
  [[nodiscard]] std::size_t remaining_count() const { return count_ - next_; }
  /// The i-th message not yet taken, without its newline. Requires i < remaining_count().
  [[nodiscard]] std::string_view message(std::size_t i) const;
  /// Whose the message at the cursor is.
  [[nodiscard]] Origin origin() const { return ends_[next_].origin; }
  /// Where messages `first` to `first + count - 1` of those not yet taken stand, each with its
  /// newline. Requires first + count <= remaining_count(), and a cursor between two messages.
  [[nodiscard]] std::string_view lines(std::size_t first, std::size_t count) const;
  /// How many messages from the `first` not yet taken on fit into `bytes`, newlines included.
  [[nodiscard]] std::size_t count_within(std::size_t first, std::size_t bytes) const;
  /// The number of the message at the cursor among all that the lane was given.
  [[nodiscard]] std::uint64_t sequence() const { return first_sequence + next_; }

  /// All bytes not yet taken, newlines included; starts inside a message after a short write.
  [[nodiscard]] std::string_view remaining_bytes() const;
  /// True when part of the message at the cursor has been taken already.
  [[nodiscard]] bool is_inside_message() const { return cursor_ > start_of(next_); }

  /// The destination has these messages.
  void take_messages(std::size_t count);
  /// The destination has these bytes; a message counts as sent with its newline.
  void take_bytes(std::size_t count);
  /// The message at the cursor is lost; the cursor moves behind it.
  void lose_message(LossReason reason);
  /// All that remains is lost.
  void lose_rest(LossReason reason);

  // Accounting: the user's messages only.

  [[nodiscard]] std::uint64_t user_count() const { return user_count_; }
  [[nodiscard]] std::uint64_t sent_count() const { return sent_count_; }
  [[nodiscard]] const LossCounts& lost() const { return lost_; }

  /// Which batch of its lane this is, counted from 1; set when the batch is handed over.
  std::uint64_t number = 0;
  /// The number of its first message among all of its stream, from 0; the engine's count too.
  /// Set when the batch is handed over.
  std::uint64_t first_sequence = 0;
  /// Whose messages these are; set by the lane.
  StreamId stream;

 private:
  struct End {
    std::size_t offset;  // behind the newline
    Origin origin;
  };

  [[nodiscard]] std::size_t start_of(std::size_t index) const {
    return index == 0 ? 0 : ends_[index - 1].offset;
  }
  void grow(std::size_t bytes);
  void make_room_for_ends();

  std::size_t wanted_bytes_;
  std::size_t capacity_;
  std::unique_ptr<char[]> buffer_;
  std::size_t used_ = 0;
  // They are written when they are made, and a batch may be large: only as many as are wanted.
  static constexpr std::size_t kFirstEnds = 64;
  std::vector<End> ends_;   // the first count_ of them
  std::size_t count_ = 0;   // of messages
  std::size_t next_ = 0;    // index of the message the cursor stands in
  std::size_t cursor_ = 0;  // bytes taken
  std::uint64_t user_count_ = 0;
  std::uint64_t sent_count_ = 0;
  LossCounts lost_;
};

}  // namespace metlog
