#pragma once

#include <chrono>
#include <cstddef>

namespace metlog {

/// Decides how long messages wait for a destination that refuses them for now, such as a full disk:
/// for `limit`, once. After that all are given up at once, but for a try every kProbeInterval. Room
/// for a few messages does not end an outage: the disk would be full again at once, and each time
/// would cost another wait. It ends when kProof bytes were taken, or when nothing was refused for
/// kQuiet. Used by one thread; the caller says what time it is.
class Outage {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::milliseconds kProbeInterval{100};
  static constexpr std::chrono::seconds kQuiet{10};
  static constexpr std::size_t kProof = 64 * 1024;

  explicit Outage(std::chrono::milliseconds limit) : limit_(limit) {}

  /// False while messages are to be given up without a try.
  [[nodiscard]] bool may_try(TimePoint now) const { return state_ != State::kOver || now >= next_; }

  /// The destination took all it was given, `bytes`.
  void note_taken(std::size_t bytes, TimePoint now) {
    next_ = now;
    if (state_ != State::kOver) {
      state_ = State::kNone;
      return;
    }
    taken_ += bytes;
    if (taken_ >= kProof || now - refused_ >= kQuiet) state_ = State::kNone;
  }

  /// The destination refused the rest of what it was given, after whole messages of `bytes`. True
  /// when the rest shall wait.
  bool holds(std::size_t bytes, TimePoint now) {
    refused_ = now;
    taken_ += bytes;
    if (state_ == State::kOver && taken_ >= kProof) state_ = State::kNone;
    if (state_ == State::kNone || (state_ == State::kHolding && bytes != 0)) {
      state_ = State::kHolding;
      until_ = now + limit_;
    }
    if (state_ == State::kHolding && now < until_) return true;
    state_ = State::kOver;
    taken_ = 0;
    next_ = now + kProbeInterval;
    return false;
  }

 private:
  enum class State { kNone, kHolding, kOver };

  std::chrono::milliseconds limit_;
  State state_ = State::kNone;
  TimePoint until_;        // kHolding: when it ends
  TimePoint next_;         // kOver: when it may be tried again
  TimePoint refused_;      // for the last time
  std::size_t taken_ = 0;  // kOver: bytes since it was refused last
};

}  // namespace metlog
