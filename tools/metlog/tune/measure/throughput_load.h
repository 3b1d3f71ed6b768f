#pragma once

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "metlog/client.h"

namespace metlog {

/// Threads that call as fast as possible, or at a rate; each runs for `phase_ms` from its own
/// start, and calls at least once. Used by one thread.
class ThroughputLoad {
 public:
  struct Options {
    std::size_t threads = 1;
    std::size_t size = 16;
    std::uint64_t phase_ms = 200;
    std::uint64_t rate = 0;  // messages per second of all threads together; 0: no limit
  };

  /// Starts the threads; the client must outlive this object.
  ThroughputLoad(const Client& client, const Options& options);
  /// Waits for their end.
  void join();

 private:
  void run(std::uint64_t seed) const;

  const Client& client_;
  const std::string text_;
  const double rate_per_thread_;
  const std::int64_t phase_ns_;  // of each thread, from its own start
  std::vector<std::thread> threads_;
};

}  // namespace metlog
