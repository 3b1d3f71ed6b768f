#pragma once

#include <chrono>

namespace metlog {

/// What a round of a loop that reads buffers found: by this the loop chooses when the next begins.
struct RoundLoad {
  std::chrono::steady_clock::time_point begun;
  std::chrono::nanoseconds passed{};  // since the round before it began
  double fill = 0;                    // of the fullest buffer, when it was read; 1 is full
  bool is_stalled = false;            // what was read waits until a destination has room
  bool is_pending = false;            // what was offered is not sent yet
  bool is_stamping = false;           // calls are stamped when they are read
  bool may_linger = false;            // what was read is not offered yet
};

/// Chooses how long such a loop sleeps between two rounds, so that its buffers are about an eighth
/// full when it wakes. Of the flusher:
///
///   messages come fast enough    no sleep: the next round begins at once
///   a destination has no room    the base interval
///   messages come                up to EngineOptions::max_poll_interval
///   none in five rounds          up to EngineOptions::idle_interval
///
/// A sleep is at most twice the previous one, so one quiet moment does not make the next burst wait
/// for long. Used by one thread.
class SleepTime {
 public:
  /// See EngineOptions; a longest time that is shorter than the base means the base.
  struct Limits {
    std::chrono::nanoseconds base;
    std::chrono::nanoseconds longest;
    std::chrono::nanoseconds longest_idle;
  };
  explicit SleepTime(const Limits& limits);
  /// Returns the sleep after a round; zero for none.
  std::chrono::nanoseconds after(const RoundLoad& round);

 private:
  [[nodiscard]] std::chrono::nanoseconds longest(const RoundLoad& round) const;

  const Limits limits_;
  std::chrono::nanoseconds last_{};
  int quiet_rounds_ = 0;
};

}  // namespace metlog
