#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

namespace metlog {

/// Tells when libzmq has read all frames of a connection from its queue: it frees a frame once it
/// has copied it to its output, and reads them in order. So of plain frames the last of each batch
/// is marked; of batched ones, whose number is limited here, each is.
class FrameMarks {
 public:
  /// By the thread that sends, for each marked frame that it makes.
  void add() { ++made_; }
  /// By whichever thread frees a marked frame.
  void remove() {
    freed_.fetch_add(1, std::memory_order_release);  // pairs with all_freed()
  }
  /// By the thread that sends: libzmq has taken a frame, with a mark or without.
  void took(bool is_marked) { ends_marked_ = is_marked; }
  /// By the thread that sends: false when the last frame that libzmq took has no mark.
  [[nodiscard]] bool ends_marked() const { return ends_marked_; }
  /// By the thread that sends: the number of marked frames that libzmq has not freed.
  [[nodiscard]] std::uint64_t pending() const {
    return made_ - freed_.load(std::memory_order_acquire);  // pairs with remove()
  }
  /// By the thread that sends.
  [[nodiscard]] bool all_freed() const { return pending() == 0; }

 private:
  std::uint64_t made_ = 0;
  bool ends_marked_ = true;
  std::atomic<std::uint64_t> freed_{0};
};

/// Memory for frames that libzmq takes and returns from its own thread when they are sent. Blocks
/// are reused: with malloc the pages were returned to the kernel and zeroed again for every frame
/// (12 % CPU). take() and release_unused() are for one thread; give_back() may be called from any,
/// even after the pool's owner is gone.
class FramePool : public std::enable_shared_from_this<FramePool> {
 public:
  struct Block;  // holds its pool, which lives until the last block is back

  /// A pool of blocks of `block_bytes` bytes.
  static std::shared_ptr<FramePool> make(std::size_t block_bytes);
  ~FramePool();
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;

  [[nodiscard]] std::size_t block_bytes() const { return block_bytes_; }
  /// Null when there is no memory. `marks` may be null.
  Block* take(std::chrono::steady_clock::time_point now,
              const std::shared_ptr<FrameMarks>& marks = nullptr);
  static unsigned char* bytes(Block* block);
  static void give_back(Block* block) noexcept;
  /// Frees the idle blocks if none was taken for a second. Returns the time until the next call is
  /// useful; max() when there are no blocks at all.
  std::chrono::nanoseconds release_unused(std::chrono::steady_clock::time_point now);
  /// Number of blocks that are not taken.
  [[nodiscard]] std::size_t idle_count() const;

 private:
  explicit FramePool(std::size_t block_bytes) : block_bytes_(block_bytes) {}

  Block* take_idle();
  void free_idle();  // with the mutex held, or by the last owner

  const std::size_t block_bytes_;
  // Used by the thread that takes.
  std::chrono::steady_clock::time_point taken_at_{};
  std::size_t count_ = 0;  // blocks, taken or not
  // Shared by all threads.
  mutable std::mutex mutex_;  // held for a few instructions per frame
  Block* idle_ = nullptr;     // a list
  std::size_t idle_count_ = 0;
};

}  // namespace metlog
