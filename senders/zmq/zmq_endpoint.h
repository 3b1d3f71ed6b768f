#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "metlog/sender.h"
#include "senders/sender/live_connection_counts.h"
#include "senders/sender/retry_deadline.h"
#include "senders/zmq/zmq_addresses.h"
#include "senders/zmq/zmq_frames.h"
#include "senders/zmq/zmq_link.h"
#include "senders/zmq/zmq_settings.h"

namespace metlog {

class ZmqConnection;

/// One of the endpoints of a ZmqSender: its connection, how long to wait for it, and its progress
/// in the batch that all of them send. Used by one thread.
class ZmqEndpoint {
 public:
  struct Options {
    std::string endpoint;               // as libzmq takes it
    Framing framing = Framing::kPlain;  // this and the next three as in ZmqSettings
    int hwm = 0;
    int batched_hwm = 0;
    std::size_t max_frame = 0;
    std::chrono::milliseconds hold{0};
    ZmqLink link = {};
    LiveConnectionCounts* counts = nullptr;  // of the sender
    /// With several endpoints, a full queue is treated like a missing peer so that it cannot stall
    /// the others.
    bool is_one_of_several = false;
  };
  /// Errors as ZmqConnection::open().
  static absl::StatusOr<std::unique_ptr<ZmqEndpoint>> open(const Options& options);
  ~ZmqEndpoint();

  /// Sends the batch's next `count` messages, those taken before included, without waiting. Returns
  /// false while it has to be waited for; true when it has taken them or given up on the rest.
  bool send(const Batch& batch, std::size_t count);
  /// Number of messages, from the batch's cursor on, that it has taken.
  [[nodiscard]] std::size_t taken() const { return taken_; }
  /// The reason for losing the others at this endpoint, if it gave up.
  [[nodiscard]] std::optional<LossReason> gave_up() const { return gave_up_; }
  /// Follows the batch's cursor past `count` messages, at most taken().
  void advance(std::size_t count) { taken_ -= count; }
  /// Starts the next batch.
  void restart();

  /// True in a child forked since the connection was made.
  [[nodiscard]] bool is_foreign() const;
  /// See ZmqConnection.
  bool poll_flushed();
  /// While there is nothing to send: see Sender::idle().
  std::chrono::nanoseconds idle();

 private:
  ZmqEndpoint(Options options, ZmqAddresses addresses, std::unique_ptr<ZmqConnection> connection);
  void try_next_address();
  bool wait_or_give_up(LossReason reason);
  bool give_up(LossReason reason);
  [[nodiscard]] bool is_batched() const;
  [[nodiscard]] bool has_room_for_batched() const;
  /// Returns the number of messages sent; 0 with zmq_errno() set.
  std::size_t send_frame(const Batch& batch, std::size_t end);

  const Options options_;
  ZmqAddresses addresses_;
  std::chrono::steady_clock::time_point next_turn_;
  std::chrono::steady_clock::time_point next_look_;  // at what the peer says, while idle
  std::unique_ptr<ZmqConnection> connection_;
  const std::shared_ptr<FrameMarks> marks_ = std::make_shared<FrameMarks>();
  // Both take no memory before their first frame.
  PlainFrames plain_;
  BatchedFrames batched_;
  RetryDeadline retry_deadline_;
  // State of the current batch.
  std::size_t taken_ = 0;
  std::optional<LossReason> gave_up_;
};

}  // namespace metlog
