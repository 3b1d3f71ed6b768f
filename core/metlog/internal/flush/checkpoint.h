#pragma once

#include <cstdint>
#include <vector>

#include "metlog/internal/emit/ring_set.h"
#include "metlog/internal/flush/destination.h"

namespace metlog {

/// Waits until everything that the rings held at one moment has left the process and then stores
/// their done_pos, where the recovery of a killed process starts. One at a time. Used by the
/// flusher's thread.
class Checkpoint {
 public:
  [[nodiscard]] bool is_pending() const { return is_pending_; }

  /// Begins with how far the rings are drained; add() follows for each destination.
  void begin(const std::vector<LiveRing*>& rings) {
    is_pending_ = true;
    rings_.clear();
    queues_.clear();
    for (LiveRing* const ring : rings) rings_.push_back({ring, ring->reader.pos()});
  }
  /// Includes what the queues of a destination have been offered, and those of the one before it
  /// while it is being stopped.
  void add(const Destination& destination) {
    if (destination.previous() != nullptr) add(*destination.previous());
    for (std::size_t i = 0; i < destination.queue_count(); ++i) {
      const SendQueue& queue = destination.queue(i);
      queues_.push_back({&queue, queue.offered_number()});
    }
  }
  /// True when all of it has left; then stores done_pos and ends.
  bool try_complete() {
    for (const QueueMark& mark : queues_) {
      if (mark.queue->done_number() < mark.number) return false;
    }
    for (const RingMark& mark : rings_) mark.ring->reader.set_done(mark.pos);
    is_pending_ = false;
    return true;
  }
  /// Excludes a ring that will be removed.
  void forget(const LiveRing& ring) {
    std::erase_if(rings_, [&](const RingMark& mark) { return mark.ring == &ring; });
  }
  /// Excludes a destination that will be destroyed; its queues are stopped.
  void forget(const Destination& destination) {
    for (std::size_t i = 0; i < destination.queue_count(); ++i) {
      const SendQueue* const queue = &destination.queue(i);
      std::erase_if(queues_, [&](const QueueMark& mark) { return mark.queue == queue; });
    }
  }

 private:
  struct RingMark {
    LiveRing* ring;
    std::uint64_t pos;
  };
  struct QueueMark {
    const SendQueue* queue;
    std::uint64_t number;
  };

  std::vector<RingMark> rings_;
  std::vector<QueueMark> queues_;
  bool is_pending_ = false;
};

}  // namespace metlog
