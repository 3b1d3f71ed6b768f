#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "tools/router/decode/decoded_message.h"
#include "tools/router/input/frame.h"

namespace metlog {

/// Received messages, what was found in them, and which outputs take each.
///
///   text:     {"type":..}{"type":..}{"type":..}      room
///   entries:  DecodedMessage, outputs | ..           room
///   memory:   runs and places of the messages        room
///
/// One thread appends. What it has appended never changes and never moves, so a block that still
/// has room can be read by other threads, up to the count that they were told (BlockSlice):
/// whatever hands them the slice orders their reads behind the writes.
class MessageBlock {
 public:
  static constexpr std::size_t kTextBytes = 256 * 1024;
  static constexpr std::size_t kMaxMessages = 1024;

  // What an output that passes messages on reads comes first, in one line of the cache or two.
  struct Entry {
    std::uint64_t outputs = 0;  // a bit for each that takes it
    DecodedMessage message;
  };

  /// A block for `text_bytes` of messages.
  explicit MessageBlock(std::size_t text_bytes);
  MessageBlock(const MessageBlock&) = delete;
  MessageBlock& operator=(const MessageBlock&) = delete;

  // Filling, by one thread.

  /// True when a message of this size can be appended.
  [[nodiscard]] bool has_room(std::size_t text_bytes) const {
    return text_used_ + text_bytes <= text_bytes_ && count_ < kMaxMessages &&
           memory_.owner_count() <= kMaxOwners && memory_.bytes() <= kMaxMemoryBytes;
  }
  /// Copies a message into the room behind the others, padding follows. Requires has_room().
  MessageBytes put(const MessageBytes& bytes);
  /// Where the message that was put is to be decoded, and the memory for that.
  [[nodiscard]] DecodedMessage& next() { return entries_[count_].message; }
  [[nodiscard]] MessageMemory& memory() { return memory_; }
  /// Appends the message that was put and decoded.
  void commit(std::uint64_t outputs);
  /// Gives the room of the message that was put to the next one.
  void drop() { memory_.rewind(before_put_); }
  /// Makes it empty.
  void clear();

  // Reading, by any thread.

  [[nodiscard]] const Entry& operator[](std::size_t index) const { return entries_[index]; }

  /// For the thread that fills it.
  [[nodiscard]] std::uint32_t count() const { return count_; }
  /// The memory that it takes.
  [[nodiscard]] std::size_t bytes() const {
    return text_bytes_ + kMaxMessages * sizeof(Entry) + memory_.bytes();
  }
  /// True when it is worth keeping: for messages of any size but the largest.
  [[nodiscard]] bool has_usual_size() const {
    return text_bytes_ == kTextBytes && memory_.bytes() <= kMaxMemoryBytes;
  }

 private:
  // Sets of shapes that messages refer to. Few, because each may be large.
  static constexpr std::size_t kMaxOwners = 4;
  static constexpr std::size_t kMaxMemoryBytes = 512 * 1024;

  const std::size_t text_bytes_;
  const std::unique_ptr<char[]> text_;
  const std::unique_ptr<Entry[]> entries_;
  MessageMemory memory_;
  MessageMemory::Mark before_put_;
  std::size_t text_used_ = 0;
  std::size_t put_bytes_ = 0;
  std::uint32_t count_ = 0;
};

/// Consecutive messages of a block. A holder may read them for as long as it holds the slice.
struct BlockSlice {
  std::shared_ptr<const MessageBlock> block;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// Blocks that are used again: memory that is new has to be zeroed by the kernel. Any thread.
class BlockPool : public std::enable_shared_from_this<BlockPool> {
 public:
  static std::shared_ptr<BlockPool> make() { return std::shared_ptr<BlockPool>(new BlockPool); }

  /// Returns an empty block for messages of `text_bytes` or more; it comes back when nobody holds
  /// it any more.
  std::shared_ptr<MessageBlock> take(std::size_t text_bytes);
  /// Frees the blocks that nobody holds, but one. For a time of silence.
  void trim();

 private:
  // More are freed: blocks that come and go at high load, in some milliseconds.
  static constexpr std::size_t kMaxFree = 16;

  BlockPool() = default;
  void give_back(std::unique_ptr<MessageBlock> block);

  std::mutex mutex_;
  std::vector<std::unique_ptr<MessageBlock>> free_;  // the last one is warm
};

}  // namespace metlog
