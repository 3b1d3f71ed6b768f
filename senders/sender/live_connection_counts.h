#pragma once

#include <atomic>
#include <cstdint>

#include "metlog/connection_counts.h"

namespace metlog {

/// The ConnectionCounts of a sender: written by its thread, read by any.
class LiveConnectionCounts {
 public:
  void note_connected() {
    add(connected_, 1);
    add(up_, 1);
  }
  /// The end of one that note_connected() counted.
  void note_disconnected() {
    add(disconnected_, 1);
    note_closed();
  }
  /// The same when the sender itself gave it up.
  void note_closed() { add(up_, ~std::uint64_t{0}); }
  void note_failed() { add(failed_, 1); }
  void note_refused() { add(refused_, 1); }
  void note_resolved() { add(resolved_, 1); }
  void note_no_room() { add(no_room_, 1); }

  /// Any thread. The counts may be of slightly different moments.
  [[nodiscard]] ConnectionCounts read() const {
    return {.up = get(up_),
            .connected = get(connected_),
            .disconnected = get(disconnected_),
            .failed = get(failed_),
            .refused = get(refused_),
            .resolved = get(resolved_),
            .no_room = get(no_room_)};
  }

 private:
  using Count = std::atomic<std::uint64_t>;
  // relaxed, all: counts, on which no other data depends; one thread at a time stores them
  static void add(Count& count, std::uint64_t amount) {
    count.store(count.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  static std::uint64_t get(const Count& count) { return count.load(std::memory_order_relaxed); }

  Count up_{0};
  Count connected_{0};
  Count disconnected_{0};
  Count failed_{0};
  Count refused_{0};
  Count resolved_{0};
  Count no_room_{0};
};

}  // namespace metlog
