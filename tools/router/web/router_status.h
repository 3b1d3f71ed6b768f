#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tools/router/live_table.h"
#include "tools/router/router.h"
#include "tools/router/web/loss_watch.h"

namespace metlog {

/// A second, or an interval of the live table, of a router.
struct HistoryPoint {
  std::int64_t utc_ns = 0;  // its end
  // Messages a second.
  double received = 0;
  double written = 0;  // by all outputs together
  double rejected = 0;
  double lost = 0;  // by all outputs together
};

/// The sums that an output keeps.
struct NamedMetrics {
  std::string output;
  std::shared_ptr<const MetricSource> source;
};

/// What others may know of a router that runs. All counts are those of its ledger.
struct RouterStatus {
  std::int64_t utc_ns = 0;          // when it was taken
  std::int64_t started_utc_ns = 0;  // when the router began
  RouterLedger ledger;
  std::vector<LossRow> losses;
  double per_second = 0;                // messages received
  std::vector<LiveTable::Row> traffic;  // the busiest
  std::vector<NamedMetrics> metrics;    // of outputs that have some
  std::uint64_t history_end = 0;        // points so far
  std::vector<HistoryPoint> history;    // the last ones, the oldest first
};

/// Hands the router's status from its thread to others that ask for it. The router's thread waits
/// here for a copy of a pointer at most.
class StatusBoard {
 public:
  using Clock = std::chrono::steady_clock;
  /// A status that is younger is given as it is, so no more than four a second are made.
  static constexpr std::chrono::milliseconds kFresh{250};

  // The router's thread.

  [[nodiscard]] bool is_wanted(Clock::time_point now) const {
    // relaxed: a request that is seen a round later is answered a round later
    return is_wanted_.load(std::memory_order_relaxed) && now - published_ >= kFresh;
  }
  void publish(std::shared_ptr<const RouterStatus> status, Clock::time_point now);
  /// Says that nothing will be published any more.
  void end();

  // Any thread.

  struct View {
    std::shared_ptr<const RouterStatus> status;  // null before the first
    bool is_current = false;  // false: the router did not answer within the limit, or has ended
  };
  /// Waits for a status that is fresh, for `limit` at most.
  View look(std::chrono::milliseconds limit);

 private:
  Clock::time_point published_;  // of the router's thread
  std::atomic<bool> is_wanted_{false};
  std::mutex mutex_;  // of the following
  std::condition_variable changed_;
  std::shared_ptr<const RouterStatus> status_;
  Clock::time_point since_;
  bool has_ended_ = false;
};

/// Follows a router and publishes what is asked for. Used by the router's thread.
class StatusKeeper {
 public:
  static constexpr std::size_t kHistoryPoints = 3600;
  static constexpr std::size_t kTrafficRows = 200;

  explicit StatusKeeper(StatusBoard& board);

  /// Takes a point of the history when a second is over, and publishes a status that is wanted.
  void tick(StatusBoard::Clock::time_point now, Router& router);

 private:
  void add_point(StatusBoard::Clock::time_point now, const RouterLedger& ledger);

  StatusBoard& board_;
  const std::int64_t started_utc_ns_;
  LossWatch losses_;
  std::deque<HistoryPoint> history_;
  std::uint64_t history_end_ = 0;
  StatusBoard::Clock::time_point last_point_;
  struct Totals {
    std::uint64_t received = 0;
    std::uint64_t written = 0;
    std::uint64_t rejected = 0;
    std::uint64_t lost = 0;
  } before_;
};

}  // namespace metlog
