#pragma once

#include <mutex>

namespace metlog {

/// A mutex that serves waiting threads first: a thread that unlocks it and locks it again at once
/// does not overtake a thread that waits. The waiting thread holds the gate and is next.
class FairMutex {
 public:
  void lock() {
    const std::lock_guard at_the_gate(gate_);
    mutex_.lock();
  }
  void unlock() { mutex_.unlock(); }

 private:
  std::mutex gate_;  // held only while waiting for mutex_
  std::mutex mutex_;
};

}  // namespace metlog
