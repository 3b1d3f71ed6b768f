#include "metlog/internal/engine/crash_drain.h"

#include <chrono>
#include <utility>

#include "metlog/internal/engine/crash_handler.h"

namespace metlog {

void CrashDrain::look() {
  if (!CrashHandler::is_waiting()) return;
  if (round_ == 0) round_ = flusher_.round() + 1;
  if (flusher_.drained_round() < round_) return;
  for (; slot_ < kClientSlots; ++slot_) {
    if (!is_settled()) return;
    is_offered_ = is_asked_ = false;
  }
  CrashHandler::end_waiting();
}

bool CrashDrain::is_settled() {
  return flusher_.with_account(slot_, [this](const Destination* account) {
    if (account == nullptr) return true;
    if (!std::exchange(is_offered_, true)) offered_ = account->offered();
    if (!account->has_done(offered_)) return false;
    // Longer than the thread waits.
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    if (!std::exchange(is_asked_, true)) account->ask_for_handover(offered_, until);
    return account->handover(offered_).has_value();
  });
}

}  // namespace metlog
