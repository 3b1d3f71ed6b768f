#include "metlog/internal/engine/crash_drain.h"

#include <chrono>
#include <utility>

#include "metlog/internal/engine/crash_handler.h"

namespace metlog {

CrashDrain::CrashDrain(Flusher& flusher) : flusher_(flusher) { CrashHandler::add_drain(1); }

CrashDrain::~CrashDrain() { CrashHandler::add_drain(-1); }

void CrashDrain::look() {
  const std::uint64_t crash = CrashHandler::waiting();
  if (crash == 0) return;
  if (crash_ != crash) {
    crash_ = crash;
    round_ = flusher_.round() + 1;
    slot_ = 0;
    is_offered_ = is_asked_ = false;
  }
  if (flusher_.drained_round() < round_) return;
  for (; slot_ < kClientSlots; ++slot_) {
    if (!is_settled()) return;
    is_offered_ = is_asked_ = false;
  }
  CrashHandler::end_waiting(crash);
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
