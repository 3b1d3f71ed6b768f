#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "metlog/internal/base/clock.h"
#include "metlog/internal/codec/compiled_format.h"
#include "metlog/internal/emit/ring_set.h"
#include "metlog/internal/flush/checkpoint.h"
#include "metlog/internal/flush/clock_reporter.h"
#include "metlog/internal/flush/delivery.h"
#include "metlog/internal/flush/flusher_lock.h"
#include "metlog/internal/flush/loss_reporter.h"
#include "metlog/internal/flush/time_merge.h"

namespace metlog {

/// The flusher's loop: drains all rings in the order of the time stamps and has each record
/// delivered to its client's destination. step() is one round; the engine's thread, a test or an
/// event loop calls it. Thread-safe but for step(), which one thread at a time may call.
///
/// Order: kept per thread; across threads by time within one round, so a record that was being
/// written when its ring was read may come up to a round later than its stamp says.
///
/// Filters, formatters, and the program's allocator run under the mutex, and may call us. There
/// FlusherThread::is_here() is true. Functions that only read then work without locking again;
/// step() does nothing; the engine refuses the others.
class Flusher {
 public:
  struct Parts {
    RingSet* rings;
    Clock* clock;
    ProcessText process;
    std::string session;  // its id, as metlog.loss messages carry it
  };

  explicit Flusher(const Parts& parts);

  /// Does one round; true when there was anything to do.
  bool step();

  /// Adds a client; its slot holds no other.
  void add_client(std::uint32_t slot, ClientSetup setup, std::unique_ptr<Destination> destination);
  /// Starts the threads of all clients' queues, see Destination::start(). No step comes between.
  absl::Status start_queues() {
    const FlusherLock lock(mutex_);
    return delivery_.start_queues();
  }
  /// Reports all losses so far of a client whose gate is closed in its stream, and returns what
  /// its queues have been offered then. Loss marks of it that are still in the rings are skipped.
  Destination::Offered report_last_losses(std::uint32_t slot);
  /// Removes a client whose gate is closed: reports losses since, and offers what is left. Records
  /// of it that are still in the rings are skipped from now on. Returns its destination, which
  /// keeps the account until forget_client(); null when the client was never added.
  Destination* remove_client(std::uint32_t slot);
  /// Returns the destination of a removed client, once its queues are stopped.
  std::unique_ptr<Destination> forget_client(std::uint32_t slot);

  /// Called once the process exits, on the thread that is to end everything. Waits for the mutex
  /// until the deadline and keeps it until give_back(), so that no other thread steps any more. If
  /// the calling thread is inside a filter or formatter, to which it will not return, what that was
  /// called for is lost, and all later records of its client. False when the deadline came first,
  /// or when the thread is inside anything else of ours, such as an allocation.
  bool take_over(std::chrono::steady_clock::time_point deadline);
  [[nodiscard]] bool is_taken_over() const { return is_taken_over_; }
  /// Gives back what take_over() took, unless the thread is inside a filter or formatter.
  void give_back();
  /// Returns what a MutexLoan unlocks on the thread that has taken over, because senders may ask
  /// for what the mutex guards; null on other threads. No other thread steps meanwhile.
  [[nodiscard]] FairMutex* lendable() {
    return FlusherThread::is_here() && is_taken_over_ ? &mutex_ : nullptr;
  }
  /// Gives a client another setup and destination: what is visible in the rings goes to the
  /// previous one, everything later to the new one, which continues the account. Returns the
  /// previous destination, null if none. The caller stops its queues, then calls settle_client().
  Destination* replace_client(std::uint32_t slot, ClientSetup setup,
                              std::unique_ptr<Destination> destination);
  void settle_client(std::uint32_t slot);

  /// Returns a client's account, without what the calling threads count.
  [[nodiscard]] Ledger ledger(std::uint32_t slot) const;

  /// Returns the clock of the last round.
  [[nodiscard]] ClockLine clock_line() const;
  /// Returns the number of the current round, or of the last one.
  [[nodiscard]] std::uint64_t round() const;
  /// Returns the last round that left no record in the rings: everything emitted before it began
  /// has been offered.
  [[nodiscard]] std::uint64_t drained_round() const;
  /// Calls `use` with what has the client's account, its destination or the removed one, under the
  /// mutex; with null for neither. Returns what `use` returns.
  template <class F>
  auto with_account(std::uint32_t slot, const F& use) const {
    const FlusherLock lock(mutex_);
    return use(delivery_.account(slot));
  }
  /// Returns the same without the mutex: for the thread that has called take_over(), and after
  /// remove_client(), when no other thread changes it. If take_over() failed, the flusher's thread
  /// is stuck, and the account stands still.
  [[nodiscard]] const Destination* final_account(std::uint32_t slot) const {
    return delivery_.account(slot);
  }

 private:
  struct Drained {
    bool worked = false;
    bool everything = true;  // no record was left in the rings
  };
  /// Reads the clock. True when it was set since the last look.
  bool follow_clock();
  /// Takes the records stamped up to this moment.
  Drained drain(std::uint64_t until_stamp);
  bool take_call(const TimeMerge::Entry& found, const RecordHeader& head);
  bool take_control(LiveRing& ring, const RecordHeader& head);
  void retire_orphans();
  void advance_checkpoint();

  RingSet& rings_;
  Clock& clock_;

  // Held for a whole step. Fair: otherwise the steps of a busy engine with slow filters would keep
  // out the threads that configure, close or ask for a ledger.
  mutable FairMutex mutex_;
  SiteLayouts layouts_;
  Delivery delivery_;
  LossReporter losses_;
  ClockReporter clock_jumps_;
  Timeline time_;
  TimeMerge merge_;
  Checkpoint checkpoint_;
  // The record that is being delivered; for take_over().
  LiveRing* taken_ring_ = nullptr;
  RecordHeader taken_{};
  bool is_taken_over_ = false;
  bool has_locked_ = false;              // by take_over()
  std::vector<unsigned char> gathered_;  // a record's arguments, when it has several cells

  std::atomic<std::uint64_t> round_{0};
  std::atomic<std::uint64_t> drained_round_{0};
};

}  // namespace metlog
