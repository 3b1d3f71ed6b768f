#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "metlog/client.h"
#include "tools/metlog/flood.h"

namespace metlog {

/// The threads that emit messages. Used by one thread.
class FloodThreads {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// The client must outlive this object.
  FloodThreads(const Client& client, const FloodOptions& options);
  /// Waits for the threads; nothing may block their calls any more.
  ~FloodThreads();
  FloodThreads(const FloodThreads&) = delete;
  FloodThreads& operator=(const FloodThreads&) = delete;

  /// Starts the threads. kResourceExhausted when the system refuses one; those that were started
  /// then end with this object.
  absl::Status start();
  /// Asks the threads to end early. A thread that waits inside a call ends after it.
  void stop() { stopping_.store(true, std::memory_order_relaxed); }  // relaxed: a flag
  [[nodiscard]] bool are_done() const;
  /// Calls that have returned.
  [[nodiscard]] std::uint64_t call_count() const;
  [[nodiscard]] TimePoint started_at() const { return start_; }
  /// The end of the last thread; call only once are_done().
  [[nodiscard]] TimePoint ended_at() const;

 private:
  struct Worker {
    std::uint64_t quota = 0;
    std::atomic<std::uint64_t> calls{0};
    std::atomic<bool> is_done{false};
    TimePoint ended_at;
    std::thread thread;
  };

  void run(Worker& worker);
  [[nodiscard]] bool must_end(TimePoint now) const;

  const Client& client_;
  const std::string payload_;
  const double rate_per_thread_;
  const TimePoint start_;
  const TimePoint end_;
  std::atomic<bool> stopping_{false};
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace metlog
