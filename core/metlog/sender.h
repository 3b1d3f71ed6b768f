#pragma once

#include <chrono>
#include <string_view>

#include "metlog/batch.h"

namespace metlog {

/// The result of Sender::send().
enum class SendResult {
  kSent,  // the cursor is at the end: every message was taken, or lost one by one with its reason
  kBusy,  // the destination takes no more for now; the rest stays in the batch
  kLost,  // the sender gave up the rest and called Batch::lose_rest()
};

/// A destination of encoded messages. Used by one thread at a time, that of its send queue. A
/// program may implement one and give it to metlog::open().
class Sender {
 public:
  virtual ~Sender() = default;

  /// Sends from the batch's cursor on and moves the cursor past what the destination took. Waits
  /// for about 100 ms at most; never throws.
  virtual SendResult send(Batch& batch) = 0;

  /// Waits until the destination has all that send() took, for `limit` at most; false when it has
  /// not. Messages that are given up then have been counted as sent.
  virtual bool flush(std::chrono::nanoseconds limit) = 0;

  /// Called while there is nothing to send, for what a sender does unasked; does not wait. Returns
  /// the time until it must be called again; it may be called sooner.
  virtual std::chrono::nanoseconds idle() { return std::chrono::nanoseconds::max(); }

  /// Returns the destination as a URL, for messages to humans.
  [[nodiscard]] virtual std::string_view url() const = 0;
};

}  // namespace metlog
