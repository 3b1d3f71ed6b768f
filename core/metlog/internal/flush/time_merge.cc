#include "metlog/internal/flush/time_merge.h"

namespace metlog {

bool TimeMerge::find_unstamped(Entry& head) {
  head.stamp = time_found();
  return static_cast<std::int64_t>(head.end_pos - head.ring->reader.pos()) > 0;
}

// Read now and then: each time costs the flusher what the caller saved.
std::uint64_t TimeMerge::time_found() {
  if (unstamped_++ % kUnstampedPerLook == 0) found_stamp_ = steady_ticks();
  return found_stamp_;
}

void TimeMerge::begin(const std::vector<LiveRing*>& rings, std::uint64_t until_stamp) {
  until_stamp_ = until_stamp;
  unstamped_ = 0;
  heads_.clear();
  for (LiveRing* const ring : rings) {
    Entry head{ring, nullptr, 0, 0, ring->reader.pos() + ring->reader.capacity()};
    if (ring->follows == nullptr && look_at(head)) heads_.push_back(head);
  }
}

const TimeMerge::Entry* TimeMerge::oldest_of_many() {
  for (std::size_t i = 1; i < heads_.size(); ++i) {
    if (heads_[i].stamp < heads_[oldest_].stamp) oldest_ = i;
  }
  return &heads_[oldest_];
}

void TimeMerge::leave() {
  heads_[oldest_] = heads_.back();
  heads_.pop_back();
}

}  // namespace metlog
