#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "metlog/sender.h"
#include "senders/zmq/frame_pool.h"

struct zmq_msg_t;

namespace metlog {

/// Sends messages as frames of their own. The bytes of many lie in one block: with memory for each,
/// which libzmq's thread frees, both threads waited for malloc()'s lock thousands of times a
/// second. Used by one thread.
class PlainFrames {
 public:
  explicit PlainFrames(std::shared_ptr<FrameMarks> marks);
  ~PlainFrames();

  /// Sends the batch's message at index `first` after its cursor, without waiting; the one before
  /// `end`, the last to be sent now, with a mark. Returns the number of messages sent; 0 with
  /// zmq_errno() set when libzmq did not take it.
  std::size_t send(void* socket, const Batch& batch, std::size_t first, std::size_t end);
  /// While there is nothing to send: see Sender::idle().
  std::chrono::nanoseconds idle(std::chrono::steady_clock::time_point now);

 private:
  struct Slab;  // a block whose messages are freed one by one

  /// False with zmq_errno() set.
  bool make(zmq_msg_t* frame, std::size_t bytes, bool is_last);
  /// Returns room for a message, with a share in slab_; null when there is no memory.
  void* allocate(std::size_t bytes);
  void leave_slab();

  const std::shared_ptr<FramePool> pool_;
  const std::shared_ptr<FrameMarks> marks_;
  Slab* slab_ = nullptr;  // which is being filled
  std::size_t used_ = 0;  // bytes of it
};

/// Like PlainFrames, with as many messages as fit into a batched frame of `max_frame` bytes,
/// at least one, and a mark on every frame. A frame that was not taken is kept and offered again,
/// because making it costs a copy and a checksum. Used by one thread.
class BatchedFrames {
 public:
  BatchedFrames(std::size_t max_frame, std::shared_ptr<FrameMarks> marks);
  ~BatchedFrames();

  std::size_t send(void* socket, const Batch& batch, std::size_t first, std::size_t end);
  /// True while a frame is kept that was not taken.
  [[nodiscard]] bool has_made() const;
  /// While there is nothing to send: see Sender::idle().
  std::chrono::nanoseconds idle(std::chrono::steady_clock::time_point now);

 private:
  struct Made;  // libzmq's message, kept out of this header

  void make(const Batch& batch, std::size_t first, std::size_t end);
  bool allocate(std::size_t bytes);

  const std::size_t max_frame_;
  const std::shared_ptr<FramePool> pool_;
  const std::shared_ptr<FrameMarks> marks_;
  const std::unique_ptr<Made> made_;
};

}  // namespace metlog
