#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include "metlog/sender.h"

namespace metlog {

/// Notices whose messages were lost: added by a queue's sender side, taken by any thread.
class LostNotices {
 public:
  void add(const Notice& notice) {
    const std::lock_guard lock(mutex_);
    notices_.push_back(notice);
    has_some_.store(true, std::memory_order_relaxed);  // relaxed: under the mutex
  }
  /// Returns those since the last call. None is missing of the batches that were done when the
  /// caller read SendQueue::done_number(); a caller that did not gets the rest the next time.
  std::vector<Notice> take() {
    std::vector<Notice> taken;
    // relaxed: a hint, which done_number() publishes
    if (!has_some_.load(std::memory_order_relaxed)) return taken;
    const std::lock_guard lock(mutex_);
    has_some_.store(false, std::memory_order_relaxed);  // relaxed: under the mutex
    taken.swap(notices_);
    return taken;
  }

 private:
  std::mutex mutex_;
  std::vector<Notice> notices_;
  std::atomic<bool> has_some_{false};
};

}  // namespace metlog
