#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

namespace metlog {

/// The number up to which all batches of a queue are done, although they may become done in any
/// order. One thread at a time calls add().
class DoneNumber {
 public:
  void add(std::uint64_t number) {
    ahead_.push_back(number);
    std::uint64_t done = done_.load(std::memory_order_relaxed);  // relaxed: own store
    while (std::erase(ahead_, done + 1) != 0) ++done;
    // release: pairs with get(); a thread that reads the number sees the counts up to it
    done_.store(done, std::memory_order_release);
  }
  /// Any thread.
  [[nodiscard]] std::uint64_t get() const {
    return done_.load(std::memory_order_acquire);  // pairs with the release in add()
  }

 private:
  std::atomic<std::uint64_t> done_{0};
  std::vector<std::uint64_t> ahead_;  // numbers of batches done before earlier ones
};

}  // namespace metlog
