#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "metlog/internal/base/thread_place.h"
#include "metlog/internal/flush/queue/done_number.h"
#include "metlog/internal/flush/queue/flush_request.h"
#include "metlog/internal/flush/queue/lost_notices.h"
#include "metlog/internal/flush/queue/queue_counts.h"
#include "metlog/internal/flush/queue/queue_thread.h"
#include "metlog/sender.h"

namespace metlog {

/// Fills the batches of a queue on its sender side's thread, where messages are encoded only when
/// there is room for them.
class BatchSource {
 public:
  /// Encodes what there is into empty batches and offers those that are full; an idle sender gets
  /// the last one, too.
  virtual void fill(bool sender_is_idle) = 0;
  /// Offers what is encoded and counts the rest as lost: nothing is sent any more.
  virtual void expire() = 0;
  /// Returns the time until fill(true) offers what it holds back now; max() when that is nothing.
  [[nodiscard]] virtual std::chrono::nanoseconds due() const = 0;
  /// All of the batch is sent or lost; it is cleared afterwards.
  virtual void completed(const Batch& batch) = 0;

 protected:
  ~BatchSource() = default;
};

/// One sender, the batches waiting for it and, once started, a thread that sends them, which it may
/// share with queues to the same destination. The number of batches bounds the memory: while all
/// are waiting, the producer waits or drops, according to its own policy.
///
///   producer:    try_take_empty() -> fill -> offer() .. announce()
///   sender side: step(), or the thread
///
/// One thread at a time is the producer: the flusher's, or one that configures or closes, under the
/// flusher's mutex. Batches are sent in the order in which they were offered, whichever thread did
/// it. A sender may hold some of them until their destination has answered, and give them back in
/// any order. The sender side is the queue's thread, or the thread that calls step() while there is
/// none. counts(), done_number() and offered_number() may be called from any thread.
class SendQueue final : private QueueThread::Task {
 public:
  struct Options {
    std::size_t batch_bytes = 256 * 1024;
    std::size_t batch_count = 4;
    /// The stream's id, unique among all queues that a reader may receive from.
    StreamId stream = {};
    /// The session's directory, where batches outlive the process; -1 for none.
    int directory_fd = -1;
    ThreadPlace thread = {"metlog-send", {}, {}};  // of a thread of its own
    /// One that other queues may use, too; null for one of its own.
    std::shared_ptr<QueueThread> shared_thread = nullptr;
    /// Is the producer, on the sender side; null when another thread is.
    BatchSource* source = nullptr;
  };

  SendQueue(std::unique_ptr<Sender> sender, const Options& options);
  /// Stops without waiting, but for its sender; what is still waiting is lost as kExpired.
  ~SendQueue();
  SendQueue(const SendQueue&) = delete;
  SendQueue& operator=(const SendQueue&) = delete;

  /// Returns an empty batch; null while all are waiting to be sent.
  Batch* try_take_empty();
  /// Hands a batch over for sending; an empty one becomes available again at once. Wakes the thread
  /// when half of the batches wait for it: waking it for each took a third of the flusher's time.
  void offer(Batch* batch);
  /// Wakes the thread for all that has been offered: QueueThread::wake_late(). Ends a round.
  void announce();
  /// Wakes the thread for what the source has now. Any thread.
  void wake() { thread_->wake(*this); }
  /// Returns the number of the last batch offered; 0 before the first.
  [[nodiscard]] std::uint64_t offered_number() const {
    return offered_number_.load(std::memory_order_relaxed);  // relaxed: a number
  }

  /// Sends what is waiting until the sender is busy; true when a batch was completed.
  bool step();
  /// Makes what is offered wait, until release() or stop(). Any thread.
  void hold();
  void release();
  /// Starts the thread, unless there is one; it steps from now on. No other thread may step
  /// meanwhile. Errors as QueueThread::add(); nothing has changed then.
  absl::Status start();
  [[nodiscard]] bool has_thread() const { return has_thread_; }
  /// True on the queue's thread, as in a call that its sender makes, or that of another queue.
  [[nodiscard]] bool is_on_thread() const { return thread_->is_here(); }
  /// True when step() may be called here: there is no thread, or this is it, inside the sender of
  /// another queue, to which it does not return because the process exits.
  [[nodiscard]] bool may_step() const {
    return !has_thread() || (is_on_thread() && !thread_->is_inside(*this));
  }
  /// True on the thread of any queue.
  static bool is_any_here() { return QueueThread::is_any_here(); }

  /// Leaves the thread once all is sent and the sender is flushed, at the latest after `limit`;
  /// what remains then is lost as kExpired. The thread ends with its last queue. True when the
  /// sender's flush ended in time. Inside the sender, to which its thread never returns because the
  /// process exits, everything that waits is lost.
  /// A sender that does not return gets kSenderGrace more; then false, and has_ended() says when it
  /// has. A sender of another queue, in which the thread is, delays what is sent, but not the end.
  /// What the producer offers from now on is never sent.
  bool stop(std::chrono::nanoseconds limit) {
    begin_stop(limit);
    return end_stop();
  }
  /// stop() in two steps, so that several queues end at once. Before end_stop() another call may
  /// bring the end forward, never back. After end_stop() the sender is left alone, once
  /// has_ended(); what it left is counted as lost then.
  void begin_stop(std::chrono::nanoseconds limit);
  bool end_stop();
  /// Lets step() send nothing any more, which may be running: the batch in the sender's hands is
  /// the last. Any thread. Does nothing to a queue with a thread.
  void stop_stepping();
  /// True when no thread of the queue is inside the sender any more. After stop(), any thread.
  [[nodiscard]] bool has_ended() const { return !is_on(); }
  /// More than send() and a flush step take.
  static constexpr std::chrono::milliseconds kSenderGrace{200};

  /// Asks for a flush of the sender, see FlushRequest. Any thread, as the next ones.
  void ask_for_flush(std::uint64_t number, std::chrono::steady_clock::time_point until);
  [[nodiscard]] std::uint64_t flushed_number() const { return flush_.flushed_number(); }
  [[nodiscard]] std::uint64_t unflushed_number() const { return flush_.unflushed_number(); }
  /// Returns where a batch is that has been flushed.
  [[nodiscard]] Handover handover() const { return handover_; }

  using Counts = QueueCounts::Counts;
  [[nodiscard]] Counts counts() const { return counts_.read(); }
  /// Returns how far the stream is. The producer.
  [[nodiscard]] QueueCounts::Progress progress() const { return counts_.progress(next_sequence_); }
  /// Returns the number up to which every batch has been sent or counted as lost.
  [[nodiscard]] std::uint64_t done_number() const { return done_number_.get(); }
  /// Returns the notices whose messages were lost since the last call: all of the batches up to
  /// done_number(). Any thread.
  [[nodiscard]] std::vector<Notice> take_lost_notices() { return lost_notices_.take(); }
  [[nodiscard]] const Sender& sender() const { return *sender_; }
  [[nodiscard]] const StreamId& stream() const { return batches_.front()->stream; }

 private:
  struct Queues;  // moodycamel's, kept out of this header

  QueueThread::Next run_turn() override;
  [[nodiscard]] bool is_at_rest() const override;
  /// Returns when to look again what an idle sender, the source or the end of the queue wants.
  QueueThread::Next next_idle_turn(std::int64_t stop_at);
  bool step_now();
  /// Takes the next batch to send, unless there is one already; false when there is none.
  bool take_next();
  bool send_current();
  /// Flushes the sender for a short time, if that was asked for; true when it has to go on.
  bool flush_step(std::chrono::nanoseconds limit);
  /// Completes what the sender held and has settled; true when there was any.
  bool take_back();
  void complete(Batch* batch);
  void expire_all();

  const std::unique_ptr<Sender> sender_;
  const Handover handover_;  // the sender's promise
  BatchSource* const source_;
  std::vector<std::unique_ptr<Batch>> batches_;
  const std::unique_ptr<Queues> queues_;

  // Stored by the producer.
  std::atomic<std::uint64_t> offered_number_{0};
  std::uint64_t next_sequence_ = 0;  // of messages; a lost message keeps its number
  std::size_t unannounced_ = 0;      // batches

  // Stored by the sender side.
  Batch* current_ = nullptr;
  std::vector<Batch*> held_;  // by the sender, in the order of their numbers
  QueueCounts counts_;
  DoneNumber done_number_;
  std::chrono::nanoseconds busy_wait_;

  FlushRequest flush_;
  std::atomic<bool> is_held_{false};
  LostNotices lost_notices_;

  // Stored by stop().
  std::atomic<std::int64_t> stop_at_ns_{0};  // steady clock; 0 while running
  bool must_end_ = false;                    // from begin_stop() to end_stop()
  bool flushed_ = false;
  bool has_thread_ = false;  // by start()
  const std::shared_ptr<QueueThread> thread_;
};

}  // namespace metlog
