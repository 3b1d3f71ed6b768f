#include "metlog/internal/flush/poll_interval.h"

#include <chrono>

#include "metlog/internal/emit/flusher_wakeup.h"

namespace metlog {
namespace {

using std::chrono::nanoseconds;

// A shorter sleep is over before a caller could end it.
constexpr nanoseconds kLongSleep = std::chrono::microseconds(150);

}  // namespace

void PollInterval::idle(bool) {
  const RoundLoad round = flusher_.last_round();
  const nanoseconds sleep = time_.after(round);
  if (round.may_linger) flusher_.hand_over(std::chrono::steady_clock::now() + sleep);
  if (sleep == nanoseconds(0)) return;
  if (sleep < kLongSleep) return wait_for_flusher_wakeup(sleep);
  begin_long_sleep();
  // Looked at after the flag is set: a call that came before it did not wake this thread. What
  // waits for a destination is no news.
  if (round.is_stalled || !flusher_.is_filling()) wait_for_flusher_wakeup(sleep);
  end_long_sleep();
}

}  // namespace metlog
