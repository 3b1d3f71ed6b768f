#pragma once

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "metlog/client.h"

namespace metlog {

/// Reads a counter before and after the timed code. Instructions before start() complete before it
/// reads the counter, and those before stop() before that does. Any thread.
class CallTimer {
 public:
  /// Takes about 20 ms to measure the counter's rate and the cost of an empty measurement.
  static CallTimer calibrated();

  static std::uint64_t start();
  static std::uint64_t stop();

  [[nodiscard]] double ns_per_tick() const { return ns_per_tick_; }
  /// The cost of an empty measurement, in ns: the median of many.
  [[nodiscard]] double empty_ns() const { return empty_ns_; }
  /// A measured span in ns, without the cost of measuring; not below 0.
  [[nodiscard]] double ns(std::uint64_t ticks) const {
    const double span = static_cast<double>(ticks) * ns_per_tick_ - empty_ns_;
    return span > 0 ? span : 0;
  }

 private:
  double ns_per_tick_ = 1;
  double empty_ns_ = 0;
};

/// Threads that call infrequently and time each call: in turn one call alone and 20 in a row, with
/// a pause of 50 to 100 us before each. The pause is busy where every thread and the flusher have a
/// processor, and a sleep elsewhere. Each thread's time runs from its own start, and each times one
/// pair at least. Used by one thread.
class LatencyLoad {
 public:
  struct Options {
    std::size_t threads = 1;
    std::size_t size = 16;
    std::uint64_t phase_ms = 200;
  };

  /// Starts the threads; the client must outlive this object.
  LatencyLoad(const Client& client, const CallTimer& timer, const Options& options);
  /// Waits for their end.
  void join();

  /// The times of all threads in ns per call; call after join().
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
