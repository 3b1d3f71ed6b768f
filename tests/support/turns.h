#pragma once

#include <condition_variable>
#include <mutex>

namespace metlog {

/// Lets threads act in turns.
class Turns {
 public:
  explicit Turns(int threads) : threads_(threads) {}

  /// Waits for the turn of thread `me`, acts, and lets the next one.
  template <class Act>
  void take(int me, Act act) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return next_ == me; });
    act();
    next_ = (next_ + 1) % threads_;
    changed_.notify_all();
  }

 private:
  const int threads_;
  int next_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace metlog
