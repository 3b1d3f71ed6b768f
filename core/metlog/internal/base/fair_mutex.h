#pragma once

#include <mutex>

namespace metlog {

/// A mutex that a thread which unlocks it and locks it again at once does not keep from another
/// that waits: the one that waits stands at the gate, and is next.
class FairMutex {
 public:
  void lock() {
    const std::lock_guard at_the_gate(gate_);
    mutex_.lock();
  }
  void unlock() { mutex_.unlock(); }

 private:
  std::mutex gate_;  // held while waiting for the other, never longer
  std::mutex mutex_;
};

}  // namespace metlog
