#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>

#include "metlog/internal/flush/message_id.h"
#include "metlog/internal/flush/send_queue.h"

namespace metlog {

/// A send queue and the batch that is being filled for it. Used by one thread at a time, under the
/// flusher's mutex, but for the queue's own functions.
///
///   begin() -> messages -> offer(), when it is full or at the end of a round
///                       -> offer_older(), at the end of a round after which batches may linger
struct OpenQueue {
  using TimePoint = std::chrono::steady_clock::time_point;

  std::unique_ptr<SendQueue> queue;
  Batch* filling = nullptr;
  TimePoint since = TimePoint::max();  // the first round that left messages in `filling`
  std::size_t id_bytes = 0;            // room for the identity of a message; 0 for none

  /// False while all batches of the queue are waiting to be sent.
  bool begin() {
    filling = queue->try_take_empty();
    return filling != nullptr;
  }
  /// As of the batch, with the identity of the message if that is wanted.
  char* reserve(std::size_t bytes) const { return filling->reserve(bytes + id_bytes); }
  template <class... What>
  void commit(const char* end, const What&... what) const {
    if (id_bytes != 0) [[unlikely]] {
      char* const begin = filling->reserve(0);
      end = add_message_id(begin, begin + (end - begin), filling->stream,
                           filling->first_sequence + filling->count());
    }
    filling->commit(end, what...);
  }
  [[nodiscard]] bool holds_messages() const {
    return filling != nullptr && filling->remaining_count() != 0;
  }
  void offer() {
    queue->offer(filling);
    filling = nullptr;
    since = TimePoint::max();
  }
  /// Offers a batch that has held messages since `limit` or longer, at the end of a round that
  /// began at `now`. True when there is a younger one.
  bool offer_older(TimePoint limit, TimePoint now) {
    if (!holds_messages()) return false;
    since = std::min(since, now);
    if (since > limit) return true;
    offer();
    return false;
  }
};

}  // namespace metlog
