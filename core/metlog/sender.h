#pragma once

#include <chrono>
#include <string_view>

#include "metlog/batch.h"

namespace metlog {

/// What became of a batch.
enum class SendResult {
  kSent,  // the cursor is at the end: every message was taken, or lost one by one with its reason
  kBusy,  // the destination takes no more for now; keep the rest and come again
  kLost,  // the sender gave up on the rest and has said so with Batch::lose_rest()
};

/// A destination of encoded messages. Used by one thread at a time: the lane that owns it.
/// A user's own destination implements this and is given to Client::open().
class Sender {
 public:
  virtual ~Sender() = default;

  /// Sends from the batch's cursor on and moves the cursor over what the destination took.
  /// Never waits for longer than about 100 ms, never throws.
  virtual SendResult send(Batch& batch) = 0;

  /// Waits until the destination has all that send() took, or the time is over; false when
  /// something is still inside. Messages that are then given up have been counted as sent.
  virtual bool flush(std::chrono::nanoseconds limit) = 0;

  /// Called while there is nothing to send: what a sender does of its own accord, without waiting.
  /// How long it may be left alone; it may be called sooner.
  virtual std::chrono::nanoseconds idle() { return std::chrono::nanoseconds::max(); }

  /// The destination as a URL, for messages to humans.
  [[nodiscard]] virtual std::string_view url() const = 0;
};

}  // namespace metlog
