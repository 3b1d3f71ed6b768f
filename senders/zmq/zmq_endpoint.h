#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "metlog/batch.h"
#include "senders/sender/retry_deadline.h"
#include "senders/zmq/zmq_frames.h"

namespace metlog {

class ZmqConnection;

/// One of the end-points of a ZmqSender: a link of its own, how long it is waited for, and how far
/// it is with the batch that all of them send. Used by one thread.
class ZmqEndpoint {
 public:
  struct Options {
    std::string endpoint;  // as libzmq takes it
    int hwm = 0;
    std::size_t max_frame = 0;  // of batched frames; 0: a frame a message
    std::chrono::milliseconds hold{0};
    /// Then one whose queue is full is waited for no longer than one at which nobody listens, for
    /// the others wait, too.
    bool is_one_of_several = false;
  };
  /// Errors as ZmqConnection::open().
  static absl::StatusOr<std::unique_ptr<ZmqEndpoint>> open(const Options& options);
  ~ZmqEndpoint();

  /// Sends what it has not yet taken of the batch, without waiting; connects anew behind a close().
  /// False while it must be waited for; else it has taken all, or given up on the rest.
  bool send(const Batch& batch);
  /// How many messages, from the batch's cursor on, it has taken.
  [[nodiscard]] std::size_t taken() const { return taken_; }
  /// Why the others are lost to this end-point, if it gave up.
  [[nodiscard]] std::optional<LossReason> gave_up() const { return gave_up_; }
  /// The batch's cursor moves over `count` messages, at most taken().
  void advance(std::size_t count) { taken_ -= count; }
  /// The next batch.
  void restart();

  /// True in a child forked since the link was made.
  [[nodiscard]] bool is_foreign() const;
  /// Whether something may still be on its way to the peer's kernel.
  [[nodiscard]] bool may_hold_something() const { return may_hold_something_; }
  /// See ZmqConnection.
  bool look_whether_quiet();
  bool close(std::chrono::steady_clock::time_point deadline);
  /// While there is nothing to send: see Sender::idle().
  std::chrono::nanoseconds idle();

 private:
  ZmqEndpoint(Options options, std::unique_ptr<ZmqConnection> link);
  bool wait_or_give_up(LossReason reason);
  bool give_up(LossReason reason);
  /// How many messages went; 0 with zmq_errno().
  std::size_t send_frame(const Batch& batch);

  const Options options_;
  std::unique_ptr<ZmqConnection> link_;           // none between a close() and the next send()
  const std::unique_ptr<BatchedFrames> batched_;  // null: a frame a message
  RetryDeadline retry_deadline_;
  bool may_hold_something_ = false;
  // Of the batch at hand.
  std::size_t taken_ = 0;
  std::optional<LossReason> gave_up_;
};

}  // namespace metlog
