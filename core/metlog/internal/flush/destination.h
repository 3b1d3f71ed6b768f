#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/flush/flusher_counts.h"
#include "metlog/internal/flush/open_queue.h"
#include "metlog/internal/flush/patience.h"
#include "metlog/internal/flush/unreported_losses.h"
#include "metlog/ledger.h"

namespace metlog {

/// The destination of a client's messages: one send queue for each connection, and the batch that
/// is being filled for each. A queue key, which every thread has, selects the queue, so that the
/// messages of one thread keep their order. Used by one thread at a time, under the flusher's
/// mutex, but for the functions that say "any thread", by which stats(), flush() and close() read
/// without waiting for a round of the flusher:
///
///   atomic, written by the flusher      in_flusher_, offered_user_
///   atomic, written on both sides       the numbers and counts of the queues
///   written under the flusher's mutex   previous_, retired_*: see Delivery::with_account()
///   and the accounts' mutex
///
/// What they read may be of different moments while the flusher works. Nothing is ever seen twice:
/// `pending` is what was offered less what was sent or lost since, and never below 0. They agree
/// once Flusher::drained_round() has passed what was emitted, and the queues are done with it.
class Destination {
 public:
  static constexpr std::size_t kMaxConnections = 64;

  /// `has_ids` adds its identity to each message: see add_message_id().
  explicit Destination(std::vector<std::unique_ptr<SendQueue>> queues, bool has_ids = false);

  /// Returns room for a message of at most `bytes`; null while all batches of the queue are waiting
  /// to be sent.
  char* try_reserve(std::size_t queue_key, std::size_t bytes) {
    OpenQueue& open = queue_of(queue_key);
    if (open.filling == nullptr || open.filling->is_full()) [[unlikely]] {
      if (!begin_batch(open)) return nullptr;
    }
    return open.reserve(bytes);
  }
  /// Since when a queue has had no empty batch, if there is none.
  [[nodiscard]] const Patience& patience() const { return patience_; }
  /// Ends the message of a call, made from this record, that was written from try_reserve()'s
  /// result up to `end`.
  void commit(std::size_t queue_key, const char* end, const RecordId& record) {
    queue_of(queue_key).commit(end, Batch::Origin::kUser, record);
    ++drained_;
  }
  /// Starts the threads of the queues that have none. When one cannot be started the others keep
  /// theirs, and it may be called again.
  absl::Status start();
  /// Offers every batch that holds a message to its queue.
  void offer_all() { offer_older(OpenQueue::TimePoint::max(), OpenQueue::TimePoint::max()); }
  /// Ends a round that began at `now`: offers the batches that have held messages since `limit` or
  /// longer, and counts those of the others as pending. True when there are others.
  bool offer_older(OpenQueue::TimePoint limit, OpenQueue::TimePoint now);
  /// Steps the queues that may_step() here; true when a batch was completed.
  bool step();

  /// Keeps its account here, too, for another process after our death: see FlusherCounts.
  void count_in(ClientAccount* account) { in_flusher_.count_in(account); }
  void note_times() { in_flusher_.note_times(unreported_); }
  /// Counts messages that were drained but not encoded.
  void count_lost(LossReason reason, std::uint64_t count) { in_flusher_.add_lost(reason, count); }
  /// Counts a message that a filter dropped.
  void count_filtered() { in_flusher_.add_filtered(); }
  /// Counts losses of the calling threads that are reported now, or in unreported().
  void count_marked(LossReason reason, std::uint64_t count) { marked_[reason] += count; }
  /// Returns the losses of the calling threads that were reported or are in unreported().
  [[nodiscard]] const LossCounts& marked() const { return marked_; }
  /// Makes the marks in the rings and the tallies of ended threads count for nothing from now on:
  /// marked() has them.
  void skip_marks() { skips_marks_ = true; }
  [[nodiscard]] bool skips_marks() const { return skips_marks_; }

  /// Adds to unreported() what messages reported that were themselves lost.
  void take_back_notices();
  /// Adds what was lost here and in the queues since the last call, too. `now_ns` is the UTC time.
  void notice_losses(std::int64_t now_ns);
  [[nodiscard]] UnreportedLosses& unreported() { return unreported_; }
  /// False while a report would be lost, too: see UnreportedLosses::is_due().
  [[nodiscard]] bool may_report();
  /// The queue key for messages of no thread: another one each time that a notice was lost.
  [[nodiscard]] std::size_t reporting_key() const { return reporting_key_; }
  /// The same for a message that reports `notice`.
  void commit(std::size_t queue_key, const char* end, const Notice& notice) {
    queue_of(queue_key).commit(end, notice);
  }
  /// Returns the losses in reports that the destination took. Any thread.
  [[nodiscard]] LossCounts reported() const;

  /// Returns the client's number, which metlog.loss messages carry: unique in the process, and the
  /// same after a reconfigure().
  [[nodiscard]] std::uint64_t client_number() const { return client_number_; }

  /// Continues the account of the client's previous destination, which is offered nothing more. The
  /// caller stops its queues and then calls absorb_previous(). Allocates nothing.
  void follow(std::unique_ptr<Destination> previous);
  /// Begins beside a client's first destination: see DestinationGroups::regroup().
  void begin_beside(const Destination& first) {
    marked_ = retired_reported_ = first.marked_;
    in_flusher_.begin_later(first.ledger(), marked_, queue(0).stream().number);
  }
  /// Returns the previous destination, from follow() to absorb_previous(); else null.
  [[nodiscard]] const Destination* previous() const { return previous_.get(); }
  /// Adds the final account of the previous destination to its own and returns that destination.
  /// Allocates nothing after take_back_notices().
  std::unique_ptr<Destination> absorb_previous();

  /// Returns the account, previous destinations included, without `emitted` and the losses of the
  /// calling threads. Any thread.
  [[nodiscard]] Ledger ledger() const;

  /// The batches that had been offered to a destination's queues at one moment.
  struct Offered {
    std::uint64_t destination = 0;                       // its id; 0 for none
    std::array<std::uint64_t, kMaxConnections> numbers;  // of the last batch of each queue
  };
  /// Any thread, as the next one.
  [[nodiscard]] Offered offered() const;
  /// True when all of it has been sent or lost. If it was offered to an earlier destination of the
  /// client, that is after absorb_previous().
  [[nodiscard]] bool has_done(const Offered& offered) const;

  /// True on the thread of one of its queues: nothing waits for it there. Any thread.
  [[nodiscard]] bool is_sending_here() const;
  /// Makes what is offered wait, until release(). Any thread.
  void hold() {
    for (const OpenQueue& open : queues_) open.queue->hold();
  }
  void release() {
    for (const OpenQueue& open : queues_) open.queue->release();
  }
  /// True when both send to the same URL.
  [[nodiscard]] bool goes_where(const Destination& other) const {
    return queue(0).sender().url() == other.queue(0).sender().url();
  }

  /// Asks the senders to flush what was offered, until then. Requires has_done(offered). Any
  /// thread, as the next one.
  void ask_for_handover(const Offered& offered, std::chrono::steady_clock::time_point until) const;
  /// Returns where all of it is, once the senders have flushed it; kNone when one gave that up, or
  /// when it went to an earlier destination that did not end in time.
  [[nodiscard]] std::optional<Handover> handover(const Offered& offered) const;
  /// Returns where everything sent is, by this destination and the earlier ones. After stop().
  [[nodiscard]] Handover final_handover() const;

  /// Stops all queues at once, see SendQueue::stop(). Called without the flusher's mutex, which
  /// senders may ask for.
  void stop(std::chrono::steady_clock::time_point deadline);
  /// The same while the flusher may still fill batches: nothing of them is sent, and of queues
  /// without a thread nothing at all.
  void cut_off(std::chrono::steady_clock::time_point deadline);
  /// True once stop() and all senders have returned, of earlier destinations too. Any thread.
  [[nodiscard]] bool has_ended() const;

  [[nodiscard]] std::size_t queue_count() const { return queues_.size(); }
  [[nodiscard]] SendQueue& queue(std::size_t index) { return *queues_[index].queue; }
  [[nodiscard]] const SendQueue& queue(std::size_t index) const { return *queues_[index].queue; }

 private:
  void take_back_earlier_notices();
  /// True when there were any.
  bool take_back_notices(Destination& from);
  [[nodiscard]] std::uint64_t taken() const;
  OpenQueue& queue_of(std::size_t key) {
    // Two divisions for each message are visible in the flusher's profile.
    return queues_[queues_.size() == 1 ? 0 : key % queues_.size()];
  }
  bool begin_batch(OpenQueue& open);
  void count_drained() {
    // relaxed: a count, see ledger(); stored first, so that the queue's counts do not run ahead
    offered_user_.store(drained_, Order::kRelaxed);
  }
  /// Returns the weakest promise of the senders.
  [[nodiscard]] Handover promise() const;

  const std::uint64_t id_;  // unique in the process
  std::uint64_t client_number_ = id_;
  std::vector<OpenQueue> queues_;               // kMaxConnections at most
  std::uint64_t drained_ = 0;                   // user messages that were committed
  PlainAtomic<std::uint64_t> offered_user_{0};  // drained_ at the last offer or round's end
  FlusherCounts in_flusher_;
  std::unique_ptr<Destination> previous_;
  Ledger retired_;                               // of absorbed destinations
  Handover retired_handover_ = Handover::kPeer;  // the weakest of theirs
  bool is_flushed_ = false;                      // by stop()
  std::atomic<bool> has_stopped_{false};         // by stop(), whose last access this is
  LossCounts retired_reported_;                  // of absorbed destinations
  LossCounts noticed_;                           // part of the losses in ledger()
  LossCounts marked_;
  bool skips_marks_ = false;
  UnreportedLosses unreported_;
  std::size_t reporting_key_ = 0;
  Patience patience_;
};

class RingSet;

/// Adds what the calling threads count to the destination's part of a client's account. Any thread.
Ledger whole_account(const Ledger& of_destination, const RingSet& rings, std::uint32_t slot);

/// The account of a destination; empty for null. Any thread.
inline Ledger ledger_of(const Destination* destination) {
  return destination == nullptr ? Ledger{} : destination->ledger();
}

}  // namespace metlog
