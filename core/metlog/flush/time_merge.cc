#include "metlog/flush/time_merge.h"

#include "metlog/base/ticks.h"

namespace metlog {

bool TimeMerge::look_at(Head& head) {
  const RingReader& reader = head.ring->reader;
  head.word = reader.peek();
  if (head.word == 0) return false;
  head.stamp = reader.cell(0).stamp;
  if (head.stamp == kNoStamp) {
    head.stamp = time_found();
    return static_cast<std::int64_t>(head.end_pos - reader.pos()) > 0;
  }
  // Signed: a record stamped just before the counter wraps is still the older one.
  return static_cast<std::int64_t>(until_stamp_ - head.stamp) >= 0;
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
    Head head{ring, 0, 0, ring->reader.pos() + ring->reader.capacity()};
    if (ring->follows == nullptr && look_at(head)) heads_.push_back(head);
  }
}

const TimeMerge::Head* TimeMerge::oldest() {
  if (heads_.empty()) return nullptr;
  oldest_ = 0;
  for (std::size_t i = 1; i < heads_.size(); ++i) {
    if (heads_[i].stamp < heads_[oldest_].stamp) oldest_ = i;
  }
  return &heads_[oldest_];
}

void TimeMerge::took() {
  if (!look_at(heads_[oldest_])) leave();
}

void TimeMerge::leave() {
  heads_[oldest_] = heads_.back();
  heads_.pop_back();
}

}  // namespace metlog
