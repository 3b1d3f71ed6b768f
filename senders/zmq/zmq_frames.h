#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "metlog/sender.h"
#include "senders/zmq/frame_pool.h"

namespace metlog {

/// Sends the batch's message at index `first` after its cursor as one frame, without waiting; the
/// last of the batch with a mark. Returns the number of messages sent; 0 with zmq_errno() set when
/// libzmq did not take it.
std::size_t send_plain_frame(void* socket, const Batch& batch, std::size_t first,
                             const std::shared_ptr<FrameMarks>& marks);

/// Like send_plain_frame(), with as many messages as fit into a batched frame of `max_frame` bytes,
/// at least one, and a mark on every frame. A frame that was not taken is kept and offered again,
/// because making it costs a copy and a checksum. Used by one thread.
class BatchedFrames {
 public:
  BatchedFrames(std::size_t max_frame, std::shared_ptr<FrameMarks> marks);
  ~BatchedFrames();

  std::size_t send(void* socket, const Batch& batch, std::size_t first);
  /// True while a frame is kept that was not taken.
  [[nodiscard]] bool has_made() const;
  /// While there is nothing to send: see Sender::idle().
  std::chrono::nanoseconds idle(std::chrono::steady_clock::time_point now);

 private:
  struct Made;  // libzmq's message, kept out of this header

  void make(const Batch& batch, std::size_t first);
  bool allocate(std::size_t bytes);

  const std::size_t max_frame_;
  const std::shared_ptr<FramePool> pool_;
  const std::shared_ptr<FrameMarks> marks_;
  const std::unique_ptr<Made> made_;
};

}  // namespace metlog
