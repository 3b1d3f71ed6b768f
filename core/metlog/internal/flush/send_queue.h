#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "metlog/batch.h"
#include "metlog/loss.h"
#include "metlog/sender.h"

namespace metlog {

/// What a lane has done since it was made: the user's messages only.
struct LaneCounts {
  std::uint64_t sent = 0;
  LossCounts lost;
};

/// One sender, the batches on their way to it and, once started, the thread that empties them.
/// The number of batches bounds the memory: when all are on their way the producer waits or
/// drops, as its own policy says.
///
///   producer:    try_take_empty() -> fill -> offer() .. announce()
///   sender side: step(), or the thread
///
/// One producer thread; the sender side is the lane's thread, or whoever calls step() while
/// there is none. counts() and done_number() may be called from any thread.
class SendQueue {
 public:
  struct Options {
    std::size_t batch_bytes = 256 * 1024;
    std::size_t batch_count = 4;
    /// Who the stream is; no two lanes that may meet at one reader are the same.
    StreamId stream = {};
  };

  SendQueue(std::unique_ptr<Sender> sender, const Options& options);
  /// Stops without waiting; what is still on its way is lost as kExpired.
  ~SendQueue();
  SendQueue(const SendQueue&) = delete;
  SendQueue& operator=(const SendQueue&) = delete;

  /// An empty batch, or null while all are on their way.
  Batch* try_take_empty();
  /// Hands a batch over for sending; an empty one comes straight back. The lane's thread is woken
  /// when half of the batches wait for it: waking it for each took a third of the flusher's time.
  void offer(Batch* batch);
  /// Wakes it for whatever has been offered; the end of a round.
  void announce();
  /// The number of the last batch offered; 0 before the first.
  [[nodiscard]] std::uint64_t offered_number() const { return offered_number_; }

  /// Sends what is on its way until the sender is busy; true when a batch was completed.
  bool step();
  /// Lets an own thread step from now on.
  void start();
  [[nodiscard]] bool has_thread() const { return thread_.joinable(); }
  /// Ends the thread once all is sent and the sender flushed, at the latest when `limit` is over;
  /// what then remains is lost as kExpired. True when the sender confirmed its flush in time.
  bool stop(std::chrono::nanoseconds limit);

  [[nodiscard]] LaneCounts counts() const;
  /// Every batch up to this number has been sent or counted as lost.
  [[nodiscard]] std::uint64_t done_number() const;
  [[nodiscard]] const Sender& sender() const { return *sender_; }

 private:
  struct Queues;  // moodycamel's, kept out of this header

  void run();
  bool send_current();
  void complete_current();
  void expire_all();

  const std::unique_ptr<Sender> sender_;
  std::vector<std::unique_ptr<Batch>> batches_;
  const std::unique_ptr<Queues> queues_;

  // Stored by the producer.
  std::uint64_t offered_number_ = 0;
  std::uint64_t next_sequence_ = 0;  // of messages; what is lost on the way keeps its number
  std::size_t unannounced_ = 0;      // batches

  // Stored by the sender side.
  Batch* current_ = nullptr;
  std::atomic<std::uint64_t> sent_{0};
  std::atomic<std::uint64_t> lost_[kLossReasonCount]{};
  std::atomic<std::uint64_t> done_number_{0};

  // Stored by stop().
  std::atomic<std::int64_t> stop_at_ns_{0};  // steady clock; 0 while running
  std::thread thread_;
  bool flushed_ = false;
};

}  // namespace metlog
