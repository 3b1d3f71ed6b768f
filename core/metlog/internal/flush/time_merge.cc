#include "metlog/internal/flush/time_merge.h"

namespace metlog {

bool TimeMerge::find_unstamped(Entry& entry) {
  entry.stamp = time_found();
  return static_cast<std::int64_t>(entry.end_pos - entry.ring->reader.pos()) > 0;
}

// Read once for several records: each read costs the flusher what the caller saved.
std::uint64_t TimeMerge::time_found() {
  if (unstamped_++ % kUnstampedPerRead == 0) found_stamp_ = steady_ticks();
  return found_stamp_;
}

void TimeMerge::begin(const std::vector<LiveRing*>& rings, std::uint64_t until_stamp) {
  until_stamp_ = until_stamp;
  unstamped_ = 0;
  entries_.clear();
  for (LiveRing* const ring : rings) {
    Entry entry{ring, nullptr, 0, 0, ring->reader.pos() + ring->reader.capacity()};
    if (ring->follows == nullptr && read(entry)) entries_.push_back(entry);
  }
}

const TimeMerge::Entry* TimeMerge::oldest_of_many() {
  for (std::size_t i = 1; i < entries_.size(); ++i) {
    if (entries_[i].stamp < entries_[oldest_].stamp) oldest_ = i;
  }
  return &entries_[oldest_];
}

void TimeMerge::leave() {
  entries_[oldest_] = entries_.back();
  entries_.pop_back();
}

}  // namespace metlog
