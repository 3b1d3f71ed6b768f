#pragma once

#include <sched.h>

namespace metlog {

/// Decides what a loop does between two steps. Used by the loop's thread.
class IdleStrategy {
 public:
  virtual ~IdleStrategy() = default;
  /// Called after every step; `worked` is the result of the step.
  virtual void idle(bool worked) = 0;
};

/// Never waits. Gives the shortest delay, uses a whole processor, and slows callers down: each poll
/// of a ring takes its cache line away from the thread that writes it.
class SpinIdle final : public IdleStrategy {
 public:
  void idle(bool) override {}
};

/// Lets other threads of its processor run when there was nothing to do.
class YieldIdle final : public IdleStrategy {
 public:
  void idle(bool worked) override {
    if (!worked) sched_yield();
  }
};

}  // namespace metlog
