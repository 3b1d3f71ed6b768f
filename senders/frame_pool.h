#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

namespace metlog {

/// Memory for frames that libzmq takes, and gives back from a thread of its own when they are out.
/// Kept for the frames to come: through the heap their pages went back to the kernel and were
/// cleared anew for each frame, which took an eighth of both cores. take() and release_unused() are
/// for one thread; give_back() may be called from any, also when the pool's owner is gone.
class FramePool {
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
  static void give_back(Block* block);
  /// To the heap with all blocks that are here, if none was taken for a second. How long it has
  /// nothing to do; max() without blocks.
  std::chrono::nanoseconds release_unused(std::chrono::steady_clock::time_point now);
  /// Blocks that are here.
  [[nodiscard]] std::size_t idle_count() const;

 private:
  struct Free;  // moodycamel's, kept out of this header

  explicit FramePool(std::size_t block_bytes);

  const std::size_t block_bytes_;
  const std::unique_ptr<Free> free_;
  std::weak_ptr<FramePool> self_;
  std::chrono::steady_clock::time_point taken_at_{};
};

}  // namespace metlog
