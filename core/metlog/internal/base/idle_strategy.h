#pragma once

#include <sched.h>

namespace metlog {

/// What a loop does between two of its steps. Used by the loop's thread.
class IdleStrategy {
 public:
  virtual ~IdleStrategy() = default;
  /// Called after every step; `worked` is what the step said.
  virtual void idle(bool worked) = 0;
};

/// Never rests: the shortest delay, a whole processor, and slower callers, for each look at a ring
/// takes its cache line away from the thread that writes it.
class SpinIdle final : public IdleStrategy {
 public:
  void idle(bool) override {}
};

/// Lets other threads of its processor run.
class YieldIdle final : public IdleStrategy {
 public:
  void idle(bool worked) override {
    if (!worked) sched_yield();
  }
};

}  // namespace metlog
