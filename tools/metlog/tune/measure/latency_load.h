#pragma once

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "metlog/client.h"

namespace metlog {

/// Reads a counter around what is to be timed. All that stands before start() is complete when it
/// reads, and all that stands before stop() is when that does. Any thread.
class CallTimer {
 public:
  /// Takes some 20 ms to learn the counter's rate and what an empty measurement costs.
  static CallTimer calibrated();

  static std::uint64_t start();
  static std::uint64_t stop();

  [[nodiscard]] double ns_per_tick() const { return ns_per_tick_; }
  /// What timing nothing costs: the median of many.
  [[nodiscard]] double empty_ns() const { return empty_ns_; }
  /// A measured span without the measurement's own time; not below 0.
  [[nodiscard]] double ns(std::uint64_t ticks) const {
    const double span = static_cast<double>(ticks) * ns_per_tick_ - empty_ns_;
    return span > 0 ? span : 0;
  }

 private:
  double ns_per_tick_ = 1;
  double empty_ns_ = 0;
};

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
