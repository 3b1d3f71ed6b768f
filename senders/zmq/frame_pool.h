#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>

namespace metlog {

/// Memory for frames that libzmq takes, and gives back from a thread of its own when they are sent.
/// Kept for the frames to come: through the heap their pages went back to the kernel and were
/// cleared anew for each frame, which took an eighth of both cores. take() and release_unused() are
/// for one thread; give_back() may be called from any, also when the pool's owner is gone.
class FramePool : public std::enable_shared_from_this<FramePool> {
 public:
  struct Block;  // knows its pool, which lives until the last one is back

  /// Blocks of so many bytes.
  static std::shared_ptr<FramePool> make(std::size_t block_bytes);
  ~FramePool();
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;

  [[nodiscard]] std::size_t block_bytes() const { return block_bytes_; }
  /// Null when there is no memory.
  Block* take(std::chrono::steady_clock::time_point now);
  static unsigned char* bytes(Block* block);
  static void give_back(Block* block) noexcept;
  /// Frees the blocks that are here when none was taken for a second. Returns how long it may be
  /// left alone; max() when there are no blocks at all.
  std::chrono::nanoseconds release_unused(std::chrono::steady_clock::time_point now);
  /// Blocks that are here, and not taken.
  [[nodiscard]] std::size_t idle_count() const;

 private:
  explicit FramePool(std::size_t block_bytes) : block_bytes_(block_bytes) {}

  Block* take_idle();
  void free_idle();  // with the mutex held, or by the last owner

  const std::size_t block_bytes_;
  // Of the thread that takes.
  std::chrono::steady_clock::time_point taken_at_{};
  std::size_t count_ = 0;  // of all blocks, taken or not
  // Of all.
  mutable std::mutex mutex_;  // held for a few instructions, once a frame
  Block* idle_ = nullptr;     // a list
  std::size_t idle_count_ = 0;
};

}  // namespace metlog
