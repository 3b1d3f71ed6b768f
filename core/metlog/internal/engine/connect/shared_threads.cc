#include "metlog/internal/engine/connect/shared_threads.h"

namespace metlog {

std::shared_ptr<QueueThread> SharedThreads::of(const std::string& destination, std::size_t index) {
  std::list<Entry> gone;  // destroyed without the mutex
  auto made = std::make_shared<QueueThread>(place_);
  std::list<Entry> entry;
  entry.push_back({destination, index, made});
  std::shared_ptr<QueueThread> found;
  const std::lock_guard lock(mutex_);
  for (auto next = entries_.begin(); next != entries_.end();) {
    const auto known = next++;
    const bool is_same = known->index == index && known->destination == destination;
    if (is_same) found = known->thread.lock();
    if (known->thread.expired() || (is_same && found->is_stuck())) {
      gone.splice(gone.end(), entries_, known);
    } else if (is_same) {
      return found;
    }
  }
  entries_.splice(entries_.end(), entry);
  return made;
}

}  // namespace metlog
