#pragma once

#include "metlog/internal/base/idle_strategy.h"
#include "metlog/internal/base/sleep_time.h"
#include "metlog/internal/flush/flusher.h"

namespace metlog {

/// Sleeps after each round for as long as SleepTime says, or until a caller wakes it. Before that
/// it has the batches handed over that would linger for too long. The flusher's default.
class PollInterval final : public IdleStrategy {
 public:
  PollInterval(const SleepTime::Limits& limits, Flusher& flusher)
      : flusher_(flusher), time_(limits) {}
  void idle(bool worked) override;

 private:
  Flusher& flusher_;
  SleepTime time_;
};

}  // namespace metlog
