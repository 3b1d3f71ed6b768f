#pragma once

#include <atomic>
#include <cstdint>

namespace metlog {

/// The numbers of the flusher's rounds, by which other threads wait for one. Stored by the thread
/// that steps, under the flusher's mutex; read by any.
class RoundNumbers {
 public:
  void begin() {
    // relaxed, both: only steps store it, and the mutex orders them
    current_.store(current_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    left_nothing_ = false;
  }
  /// The current round leaves no record in the rings.
  void note_empty_rings() { left_nothing_ = true; }
  /// All that the current round has drained is offered to the queues.
  void note_all_offered() {
    // release: pairs with drained(); what was drained has been offered
    if (left_nothing_) drained_.store(current(), std::memory_order_release);
  }

  /// Returns the number of the current round, or of the last one.
  [[nodiscard]] std::uint64_t current() const {
    return current_.load(std::memory_order_relaxed);  // relaxed: a number; no data hangs on it
  }
  /// Returns the last round that left no record in the rings and no batch behind.
  [[nodiscard]] std::uint64_t drained() const {
    return drained_.load(std::memory_order_acquire);  // pairs with note_all_offered()
  }

 private:
  std::atomic<std::uint64_t> current_{0};
  std::atomic<std::uint64_t> drained_{0};
  bool left_nothing_ = false;
};

}  // namespace metlog
