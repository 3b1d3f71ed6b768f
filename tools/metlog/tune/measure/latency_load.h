#pragma once

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "metlog/client.h"
#include "tools/metlog/tune/measure/call_timer.h"

namespace metlog {

/// Threads that call seldom and time each call: by turns one call alone and 20 in a row, with a
/// pause of 50 to 100 us before each. The pause is busy where every thread and the flusher have a
/// processor, and a sleep elsewhere. Each thread's time runs from its own start, and at least one
/// pair of each is timed. Used by one thread.
class LatencyLoad {
 public:
  struct Options {
    std::size_t threads = 1;
    std::size_t size = 16;
    std::uint64_t phase_ms = 200;
  };

  /// Starts them; the client outlives this.
  LatencyLoad(const Client& client, const CallTimer& timer, const Options& options);
  /// Waits until they have ended.
  void join();

  /// In ns a call, of all threads; after join().
  [[nodiscard]] std::vector<float> single() const;
  [[nodiscard]] std::vector<float> burst() const;

 private:
  struct Worker {
    std::vector<float> single;
    std::vector<float> burst;
    std::thread thread;
  };

  void run(Worker& worker, std::uint64_t seed) const;

  const Client& client_;
  const CallTimer timer_;
  const std::string text_;
  const std::int64_t phase_ns_;  // of each thread, from its own start
  const bool sleeps_;
  std::vector<Worker> workers_;
};

}  // namespace metlog
