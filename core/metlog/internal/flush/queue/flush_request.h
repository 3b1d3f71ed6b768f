#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "metlog/sender.h"

namespace metlog {

/// A request to flush a queue's sender, from any thread, and what became of it. Requests that come
/// together are one: the latest time and number count.
class FlushRequest {
 public:
  /// Asks for a flush once batch `number` is done. It is tried until then. Nothing is sent
  /// meanwhile, so it is given up once batches have waited for it for a second. The caller wakes
  /// the sender side. Any thread.
  void ask(std::uint64_t number, std::chrono::steady_clock::time_point until);
  /// Returns the number up to which every batch that was sent has been flushed. Any thread.
  [[nodiscard]] std::uint64_t flushed_number() const {
    return flushed_number_.load(std::memory_order_acquire);  // pairs with the release in step()
  }
  /// Returns the number up to which a flush was given up. Any thread.
  [[nodiscard]] std::uint64_t unflushed_number() const {
    return unflushed_number_.load(std::memory_order_acquire);  // pairs with the release in step()
  }

  /// Flushes the sender for `limit` at most, if that was asked for and batch `done` is the last one
  /// done; true when it has to go on. `is_waited_for`: other batches wait. For the sender side.
  bool step(Sender& sender, std::uint64_t done, bool is_waited_for, std::chrono::nanoseconds limit);

 private:
  /// Stored by ask().
  std::atomic<std::uint64_t> wanted_{0};   // the number of a batch
  std::atomic<std::int64_t> until_ns_{0};  // steady clock
  /// Stored by step().
  std::atomic<std::uint64_t> flushed_number_{0};
  std::atomic<std::uint64_t> unflushed_number_{0};
  std::int64_t paused_since_ns_ = 0;  // batches wait for a flush; 0 while none does
};

}  // namespace metlog
