#include "metlog/internal/engine/connect/stand_in_sender.h"

#include <algorithm>
#include <utility>

#include "metlog/internal/base/diagnostic.h"

namespace metlog {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

bool StandInSender::is_real() {
  if (real_ != nullptr) return true;
  if (lost_.connect == nullptr || steady_clock::now() < next_try_) return false;
  // The factory may be the program's, which expects one call at a time, and may throw.
  const std::lock_guard lock(*lost_.one_at_a_time);
  try {
    absl::StatusOr<std::unique_ptr<Sender>> made = lost_.connect();
    if (made.ok()) real_ = *std::move(made);
  } catch (...) {
    real_ = nullptr;
  }
  shown_.store(real_.get(), std::memory_order_release);  // pairs with connections()
  next_try_ = steady_clock::now() + kRetryInterval;
  return real_ != nullptr;
}

SendResult StandInSender::send(Batch& batch) {
  if (is_real()) return real_->send(batch);
  // Of the others the engine has said it, with the reason.
  if (lost_.connect == nullptr && !std::exchange(has_said_so_, true)) {
    diagnose(
        "after fork() the client '%s' has no destination, because the program made its sender "
        "(%s); its messages are lost, and counted as forked; call reconfigure() in the child",
        lost_.logger.c_str(), lost_.url.c_str());
  }
  batch.lose_rest(LossReason::kForked);
  return SendResult::kLost;
}

bool StandInSender::flush(nanoseconds limit) { return real_ == nullptr || real_->flush(limit); }

ConnectionCounts StandInSender::connections() const {
  const Sender* const real = shown_.load(std::memory_order_acquire);  // pairs with is_real()
  return real == nullptr ? ConnectionCounts{} : real->connections();
}

nanoseconds StandInSender::idle() {
  if (is_real()) return real_->idle();
  if (lost_.connect == nullptr) return nanoseconds::max();
  return std::max<nanoseconds>(next_try_ - steady_clock::now(), nanoseconds(0));
}

}  // namespace metlog
