#include "metlog/flush/time_merge.h"

namespace metlog {

bool TimeMerge::look_at(LiveRing& ring, Head& head) const {
  head.word = ring.reader.peek();
  if (head.word == 0) return false;
  head.ring = &ring;
  head.stamp = ring.reader.cell(0).stamp;
  // Signed: a record stamped just before the counter wraps is still the older one.
  return static_cast<std::int64_t>(until_stamp_ - head.stamp) >= 0;
}

void TimeMerge::begin(const std::vector<LiveRing*>& rings, std::uint64_t until_stamp) {
  until_stamp_ = until_stamp;
  heads_.clear();
  for (LiveRing* const ring : rings) {
    Head head;
    if (ring->follows == nullptr && look_at(*ring, head)) heads_.push_back(head);
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
  Head& head = heads_[oldest_];
  if (!look_at(*head.ring, head)) leave();
}

void TimeMerge::leave() {
  heads_[oldest_] = heads_.back();
  heads_.pop_back();
}

}  // namespace metlog
