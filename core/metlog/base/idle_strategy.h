#pragma once

#include <algorithm>
#include <chrono>

namespace metlog {

/// What a loop does between two steps. Used by the loop's thread.
class IdleStrategy {
 public:
  virtual ~IdleStrategy() = default;
  /// Called after every step; `did_work` is what the step said.
  virtual void idle(bool did_work) = 0;
};

/// Sleeps a fixed time between looks. A reader that spins slows the writers down: each look at a
/// ring takes its cache line away from the thread that writes it.
template <class Sleep>
class LookEvery final : public IdleStrategy {
 public:
  LookEvery(std::chrono::nanoseconds interval, Sleep sleep) : interval_(interval), sleep_(sleep) {}
  void idle(bool did_work) override {
    if (!did_work) sleep_(interval_);
  }

 private:
  std::chrono::nanoseconds interval_;
  Sleep sleep_;
};

}  // namespace metlog
