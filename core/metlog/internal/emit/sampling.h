#pragma once

#include <cstdint>

#include "metlog/internal/site/gate.h"

namespace metlog {

// What is not sampled is counted for its client (sampled_out.h): by draw_sample() at once, by the
// countdowns at their next draw, so that no call pays for it. A share of 0 and below, or NaN, is a
// switch: what it stops is in no count.

/// Returns true with the probability `share`: always for 1 and above, never for 0 and below or NaN.
/// Uses the random sequence of the calling thread. `client` is a slot.
bool draw_sample(double share, std::uint32_t client);

/// The countdown of one call site and thread to its next sampled call: a call that is not sampled
/// costs a decrement. A changed share takes effect from the next draw.
class SampleCountdown {
 public:
  /// True when this call is to be sent; never for a share of 0 and below or NaN.
  bool take(double share, const ClientGate& client) {
    if (!(share > 0.0)) return false;
    SampleCountdown* here = this;
    // Uses a plain address instead of the thread-local segment: some processors forward a store to
    // the load of the next call at once if both use the same register, and else after 5 cycles.
    __asm__("" : "+r"(here));
    if (here->distance_ == 0) here->distance_ = here->draw(share, client);
    return --here->distance_ == 0;
  }

 private:
  /// Counts the calls that the last distance has passed over, and returns the next one.
  std::uint64_t draw(double share, const ClientGate& client);

  std::uint64_t distance_ = 0;
  std::uint64_t drawn_ = 0;  // the last distance; 0 before
};

/// The sampling of one timer's place and thread, which decides when a scope begins. The rate is
/// known when a chosen scope ends; from it comes the number of scopes until the next one.
class ScopeSampling {
 public:
  enum class Choice : std::uint8_t {
    kSkip,
    kSend,
    kUndecided,  // the rate is not known yet: decided at the end
  };

  [[nodiscard]] Choice begin() {
    ScopeSampling* here = this;
    __asm__("" : "+r"(here));  // as in SampleCountdown
    if (here->distance_ <= 1) [[unlikely]]
      return here->take_choice();
    --here->distance_;
    return Choice::kSkip;
  }
  /// Called once at the end of each scope that was not skipped; true when it is to be sent.
  [[nodiscard]] bool is_sent(Choice choice, double share, const ClientGate& client);

 private:
  /// Begins a countdown in which so many scopes are sampled out; counts those of the last one.
  void begin(std::uint64_t distance, std::uint64_t sampled_out, std::uint32_t client);
  Choice take_choice() {
    const Choice choice = distance_ == 1 ? Choice::kSend : Choice::kUndecided;
    distance_ = 0;
    return choice;
  }

  std::uint64_t distance_ = 0;  // of the next scope that is sent: 1 for the very next; 0: not drawn
  std::uint64_t sampled_out_ = 0;  // before that one
};

}  // namespace metlog
