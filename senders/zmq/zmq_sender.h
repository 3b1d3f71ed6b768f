#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/base/url.h"
#include "metlog/sender.h"
#include "senders/sender/live_connection_counts.h"
#include "senders/sender/stderr_tee.h"

namespace metlog {

class ZmqHandshake;
class ZmqEndpoint;
struct ZmqSettings;

/// `tcp://host:port` and `ipc://path` (also `zmq+tcp:`, `zmq+ipc:`): a ZeroMQ publisher that
/// connects and sends each message as one frame, without a newline. The receiver binds a SUB.
/// Options:
///   batch=1     batched frames, each with as many messages as fit; see docs/wire.md
///   batch=auto  the same while the reader asks for it, else plain; clients add this option
///               where their messages are JSON lines and the URL does not say how
///   max_frame=N bytes of a batched frame, 1024..1048576, default 73728, which holds a whole
///               default batch; a longer message has a frame of its own
///   max_message=N bytes of a message, 64..16777216, default 262144, which is metlogd's own limit:
///               it would refuse a longer one, and the rest of its connection with it. A longer
///               message is lost as kTooLong
///   hwm=N       frames libzmq may hold, 1..1000000, before the sender is busy; default 1000, or
///               as many batched frames as fit into 4 MiB
///   hold_ms=N   how long to wait for a subscriber, 0..3600000, default 2000; after that,
///               messages are lost as kNoReceiver until one subscribes. The wait starts again
///               when it leaves.
///   also=LIST   further end-points, with their schemes, separated by commas; for tcp
///               `tcp://host:port,host:port` says the same
///   handshake=ENDPOINT   where to ask a router whether it is running. Messages wait for the first
///               answer; while the router does not answer they are lost as kNoReceiver at once
///   handshake_timeout=N  milliseconds to wait for an answer, 1..3600000, default 1000
///   livecheck=N seconds from an answer to the next question, 0.01..86400, default 10
///   debug_stderr=1       writes every message to standard error as well, before it is sent
///   unsent_stderr=1      writes every message that is lost here to standard error
///   heartbeat_ms=N  0 (the default) to 3600000: asks the peer each N milliseconds whether it is
///               there. One that does not answer within N more, or takes nothing for 2 N, counts as
///               gone. It must not be a reader that pauses for longer, for libzmq answers only what
///               it has read, and not libzmq below 4.2, which takes the question for a message
///   reconnect_ms=N  pause before the next try to connect, 1..3600000, default 100; libzmq adds up
///               to as much by chance, and doubles it with each try up to
///   reconnect_max_ms=N  default 1000, or reconnect_ms if that is more
///   curve_server_key=FILE  the peer's public key: the connection is encrypted, and goes to nobody
///               else. See curve_keys.h for the files
///   curve_key=FILE  the own secret key, by which the peer knows this sender; without it a new one
/// "Sent" means: in libzmq's queue, for a peer that is connected and has subscribed. A peer that
/// dies loses what is in its kernel's and libzmq's buffers, uncounted: this wire has no receipt.
///
/// Each of several endpoints has its own socket and gets every message. A message counts as sent
/// when all have taken it, and as lost once when one did not; the others have it nevertheless. All
/// endpoints must finish a batch before the next one starts: one that takes nothing, because it
/// has no subscriber or its queue is full, delays the others for hold_ms (default 200 here), and
/// not again before it has taken something. A slow one slows down the others.
///
/// flush() says true when libzmq's queue is read to its end, libzmq's thread has written what it
/// read, and the kernel's queue is empty: over tcp the peer's kernel has everything, over ipc the
/// peer has read it, and this process may end in any way. It keeps the connection. It says false
/// after a peer that had not taken everything went away: what was on its way is lost, and libzmq
/// does not say how much. What flush() did not see out is dropped when the sender is destroyed:
/// libzmq's linger is no help, for it ends when its queue is read, not when it is written, and
/// drops a last piece below 8 KiB that a full kernel buffer did not take; and closing an ipc
/// connection makes a slow receiver drop what it has not read.
///
/// A forked child loses everything as kForked.
class ZmqSender final : public Sender {
 public:
  /// kInvalidArgument for the URL; kResourceExhausted when too few descriptors are free; errors of
  /// read_curve_client_keys(). An absent peer is no error: it may come later.
  static absl::StatusOr<std::unique_ptr<Sender>> open(const Url& url);
  static absl::StatusOr<std::unique_ptr<Sender>> open(const ZmqSettings& settings);
  ~ZmqSender() override;

  SendResult send(Batch& batch) override;
  bool flush(std::chrono::nanoseconds limit) override;
  [[nodiscard]] Handover handover() const override { return Handover::kKernel; }
  std::chrono::nanoseconds idle() override;
  [[nodiscard]] bool shows_losses() const override { return tee_unsent_.has_value(); }
  [[nodiscard]] std::string_view url() const override { return url_; }
  [[nodiscard]] ConnectionCounts connections() const override { return counts_.read(); }

 private:
  explicit ZmqSender(const ZmqSettings& settings);
  [[nodiscard]] bool is_foreign() const;
  [[nodiscard]] std::size_t count_before_too_long(const Batch& batch) const;
  SendResult send_to_all(Batch& batch, std::size_t count);
  void lose_one(Batch& batch, LossReason reason);
  SendResult lose_rest(Batch& batch, LossReason reason);

  std::string url_;
  std::size_t max_message_;
  LiveConnectionCounts counts_;  // outlives what counts in it
  std::vector<std::unique_ptr<ZmqEndpoint>> endpoints_;
  std::unique_ptr<ZmqHandshake> handshake_;  // null: no handshake
  std::optional<StderrTee> tee_all_;
  std::optional<StderrTee> tee_unsent_;
  std::uint64_t cursor_ = 0;  // sequence of the batch that is being sent
};

}  // namespace metlog
