#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "metlog/internal/base/clock.h"
#include "metlog/internal/base/sleep_time.h"
#include "metlog/internal/codec/compiled_format.h"
#include "metlog/internal/emit/ring_set.h"
#include "metlog/internal/flush/clock_reporter.h"
#include "metlog/internal/flush/delivery.h"
#include "metlog/internal/flush/flusher_lock.h"
#include "metlog/internal/flush/loss_reporter.h"
#include "metlog/internal/flush/ring_damage.h"
#include "metlog/internal/flush/round_numbers.h"
#include "metlog/internal/flush/stats_reporter.h"
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
/// FlusherThread::is_here() is true: step() does nothing, and the engine refuses what would have to
/// wait. They may as well wait for another thread that calls us, so only the flusher's thread
/// waits for the mutex without a deadline: accounts are read without it (with_account()), new
/// clients arrive without it (add_client()), and what could not be finished in time is finished by
/// the flusher's thread later (Clients).
class Flusher {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Parts {
    RingSet* rings;
    Clock* clock;
    ProcessText process;
    std::string session;                 // its id, as metlog.loss messages carry it
    std::chrono::nanoseconds linger{0};  // see EngineOptions
  };

  explicit Flusher(const Parts& parts);

  /// At a round's end batches that are not full go, or may wait, unless a caller has woken us.
  enum class Batches { kGo, kMayLinger };
  /// Does one round; true when there was anything to do. False when another one took until then.
  bool step(TimePoint deadline = TimePoint::max(), Batches batches = Batches::kGo);
  /// After a step() whose RoundLoad says may_linger: offers what would be too old at that time.
  void hand_over(TimePoint next_round);

  /// Adds a client; its slot holds no other. Never waits.
  void add_client(std::uint32_t slot, ClientSetup setup, std::unique_ptr<Destination> destination) {
    delivery_.arrive(slot, std::move(setup), std::move(destination));
  }
  /// Starts the threads of all clients' queues, see Destination::start(). No step comes between.
  /// kDeadlineExceeded when a round takes longer.
  absl::Status start_queues(TimePoint deadline);
  /// See Delivery::end_waiting(). Any thread; never waits.
  void end_waiting(std::uint32_t slot) { delivery_.end_waiting(slot); }
  /// The changes of clients that need the mutex: flusher_clients.h.
  class Clients;

  /// Called once the process exits, on the thread that is to end everything. Waits for the mutex
  /// until the deadline and keeps it until give_back(), so that no other thread steps any more. If
  /// the calling thread is inside a filter or formatter, to which it will not return, what that was
  /// called for is lost, and all later records of its client. False when the deadline came first,
  /// or when the thread is inside anything else of ours, such as an allocation.
  bool take_over(TimePoint deadline);
  [[nodiscard]] bool is_taken_over() const { return is_taken_over_; }
  /// Gives back what take_over() took, unless the thread is inside a filter or formatter.
  void give_back();
  /// Returns what a MutexLoan unlocks on the thread that has taken over, because senders may ask
  /// for what the mutex guards; null on other threads. No other thread steps meanwhile.
  [[nodiscard]] FairMutex* lendable() {
    return FlusherThread::is_here() && is_taken_over_ ? &mutex_ : nullptr;
  }
  /// See Delivery::with_account(): the account of the destination or of the removed one.
  template <class F>
  auto with_account(std::uint32_t slot, const F& use) const {
    return delivery_.with_account(slot, use);
  }
  /// Returns a client's account, without what the calling threads count. Any thread; never waits.
  [[nodiscard]] Ledger ledger(std::uint32_t slot) const { return with_account(slot, ledger_of); }
  /// What a thread that waits for the mutex waits for.
  struct Blocker {
    std::optional<std::uint32_t> callbacks_of;  // the slot of a client
    std::chrono::nanoseconds since{0};          // the beginning of the round
  };
  [[nodiscard]] Blocker blocker() const;

  [[nodiscard]] RoundLoad last_round() const;
  /// True when a ring is a quarter full. For the flusher's thread, as the next.
  [[nodiscard]] bool is_filling() const;
  [[nodiscard]] ClockLine clock_line() const;
  /// See RoundNumbers. What was emitted before a drained round began has been offered.
  [[nodiscard]] std::uint64_t round() const { return rounds_.current(); }
  [[nodiscard]] std::uint64_t drained_round() const { return rounds_.drained(); }
  /// Returns the number of the next round, which looks more closely whether a ring only seems
  /// empty.
  std::uint64_t ask_for_round() {
    damage_.ask_for_look();
    return round() + 1;
  }
  /// Returns what has the client's account, for what never changes in it, such as its senders; the
  /// numbers are in ledger(). For the thread that has called take_over(), or tried to, and for the
  /// one that has removed or abandoned the client, until it is discarded: see Clients.
  [[nodiscard]] const Destination* final_account(std::uint32_t slot) const {
    return with_account(slot, [](const Destination* account) { return account; });
  }

 private:
  struct Drained {
    bool worked = false;
    bool everything = true;   // no record was left in the rings
    bool is_settled = false;  // damage was found, and of the calls noted before none is unfinished
  };
  /// Reads the clock. True when it was set since the last look.
  bool follow_clock();
  /// Takes the records stamped up to this moment.
  Drained drain(std::uint64_t until_stamp);
  /// Takes the clients that have arrived.
  void accept_arrivals();
  Destination* accept_arrival(std::uint32_t slot);
  bool take_call(const TimeMerge::Entry& found, const RecordHeader& head);
  bool take_control(LiveRing& ring, const RecordHeader& head);
  void retire_orphans();

  RingSet& rings_;
  Clock& clock_;

  // Held for a whole step. Fair: otherwise the steps of a busy engine with slow filters would keep
  // out the threads that configure, close or ask for a ledger.
  mutable FairMutex mutex_;
  SiteLayouts layouts_;
  Delivery delivery_;
  LossReporter losses_;
  ClockReporter clock_jumps_;
  StatsReporter stats_;
  Timeline time_;
  TimeMerge merge_;
  RoundLoad load_;
  const std::chrono::nanoseconds linger_;
  RingDamage damage_;
  // The record that is being delivered; for take_over().
  LiveRing* taken_ring_ = nullptr;
  RecordHeader taken_{};
  bool is_taken_over_ = false;
  bool has_locked_ = false;              // by take_over()
  std::vector<unsigned char> gathered_;  // a record's arguments, when it has several cells

  RoundNumbers rounds_;
  std::atomic<std::int64_t> began_ns_{0};  // steady clock: the last time that rings were drained
};

}  // namespace metlog
