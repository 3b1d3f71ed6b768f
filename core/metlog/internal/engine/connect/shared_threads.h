#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "metlog/internal/base/thread_place.h"
#include "metlog/internal/flush/queue/queue_thread.h"

namespace metlog {

/// The threads that the queues of several clients share: one for each connection of a destination.
/// Any thread.
class SharedThreads {
 public:
  explicit SharedThreads(ThreadPlace place) : place_(std::move(place)) {}

  /// Returns the thread for the connections of this index, from 0, of the clients of one
  /// destination: as long as a queue has it, the same one. Another one while it is stuck.
  std::shared_ptr<QueueThread> of(const std::string& destination, std::size_t index);

 private:
  struct Entry {
    std::string destination;
    std::size_t index;
    std::weak_ptr<QueueThread> thread;
  };

  const ThreadPlace place_;
  std::mutex mutex_;          // nothing is allocated or freed while it is held
  std::list<Entry> entries_;  // guarded by the mutex
};

}  // namespace metlog
