#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "metlog/loss.h"
#include "metlog/sender.h"

namespace metlog {

/// Returns a Notice of losses.
inline Notice loss_of(LossReason reason, std::uint64_t count, std::int64_t first_ns,
                      std::int64_t last_ns) {
  Notice notice;
  notice.reason = reason;
  notice.count = count;
  notice.first_ns = first_ns;
  notice.last_ns = last_ns;
  return notice;
}

/// What a client's stream has not reported yet, and when to try: losses and jumps of the clock that
/// were noticed since the last message about them, and those whose message was itself lost. Losses
/// of one reason become one message, as do jumps. Used by one thread at a time, under the flusher's
/// mutex.
class UnreportedLosses {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// After a notice was lost. Each attempt at a dead destination costs one message for each reason.
  static constexpr std::chrono::milliseconds kFirstWait{100};
  static constexpr std::chrono::milliseconds kLongestWait{1000};

  /// Adds losses to those of the same reason, and jumps to earlier ones.
  void add(const Notice& notice) {
    if (notice.kind == Notice::Kind::kStats) return;  // the next message has all that it had
    const bool is_loss = notice.kind == Notice::Kind::kLoss;
    Notice& sum = is_loss ? losses_[static_cast<std::size_t>(notice.reason)] : jumps_;
    if (sum.count == 0) {
      sum = notice;
      return;
    }
    sum.count += notice.count;
    sum.shift_ns += notice.shift_ns;
    if (!is_loss) {
      sum.last_ns = notice.last_ns;  // what the clock shows may be earlier than before
      return;
    }
    sum.first_ns = std::min(sum.first_ns, notice.first_ns);
    sum.last_ns = std::max(sum.last_ns, notice.last_ns);
  }
  void add(const UnreportedLosses& other) {
    for (const Notice& notice : other.losses_) {
      if (notice.count != 0) add(notice);
    }
    if (other.jumps_.count != 0) add(other.jumps_);
  }
  [[nodiscard]] bool has_losses() const {
    return std::any_of(losses_.begin(), losses_.end(),
                       [](const Notice& notice) { return notice.count != 0; });
  }
  /// Removes losses that a message reports now.
  void reported(LossReason reason) { losses_[static_cast<std::size_t>(reason)] = {}; }
  /// Returns the losses by reason; those without a count are reported.
  [[nodiscard]] const std::array<Notice, kLossReasonCount>& losses() const { return losses_; }

  /// The same for jumps of the clock.
  void jumps_reported() { jumps_ = {}; }
  [[nodiscard]] const Notice& jumps() const { return jumps_; }

  /// Called when notices were lost; `taken` is how many messages the destination has taken so far.
  void wait(std::uint64_t taken, TimePoint now) {
    wait_ = taken == taken_ ? std::min(2 * wait_, kLongestWait) : kFirstWait;
    taken_ = taken;
    until_ = now + wait_;
    is_waiting_ = true;
  }
  /// True unless notices were lost lately: once the destination has taken a message since, or after
  /// a while.
  [[nodiscard]] bool is_due(std::uint64_t taken, TimePoint now) {
    if (is_waiting_ && taken == taken_ && now < until_) return false;
    is_waiting_ = false;
    return true;
  }

 private:
  std::array<Notice, kLossReasonCount> losses_{};
  Notice jumps_;
  bool is_waiting_ = false;
  std::uint64_t taken_ = UINT64_MAX;  // when it began to wait
  std::chrono::milliseconds wait_ = kFirstWait;
  TimePoint until_;
};

}  // namespace metlog
