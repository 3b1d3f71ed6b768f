#pragma once

#include <chrono>

#include "metlog/internal/base/idle_strategy.h"
#include "metlog/internal/emit/flusher_wakeup.h"

namespace metlog {

/// Sleeps for a time when there was nothing to do, or until the bell rings. The flusher's default.
class LookInterval final : public IdleStrategy {
 public:
  explicit LookInterval(std::chrono::nanoseconds interval) : interval_(interval) {}
  void idle(bool worked) override {
    if (!worked) wait_for_flusher_bell(interval_);
  }

 private:
  const std::chrono::nanoseconds interval_;
};

}  // namespace metlog
