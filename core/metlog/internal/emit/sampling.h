#pragma once

#include <cstdint>

namespace metlog {

/// Whether one call of that share of all is sampled: always from 1 on, never at 0 and below (or
/// NaN). Of the calling thread's random sequence, as below.
bool draw_sample(double share);

/// Calls until the next one that is sampled, drawn from the geometric distribution of that share:
/// 1 means the very next. Of the calling thread's random sequence. A share of 1 and above always
/// gives 1, of 0 and below (or NaN) UINT64_MAX.
std::uint64_t draw_sample_distance(double share);

/// One call site's and thread's countdown to its next sampled call: what is not sampled costs a
/// decrement. A site's share is expected to stay the same; a new one counts from the next draw.
class SampleCountdown {
 public:
  /// Whether this call is to be sent.
  bool take(double share) {
    SampleCountdown* here = this;
    // By its address, and not by the segment of thread-local variables: some processors hand a
    // store to the next call's load at once if both go by one register, and else in 5 cycles.
    __asm__("" : "+r"(here));
    if (here->distance_ == 0) here->distance_ = draw_sample_distance(share);
    return --here->distance_ == 0;
  }

 private:
  std::uint64_t distance_ = 0;
};

}  // namespace metlog
