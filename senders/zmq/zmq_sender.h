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
#include "senders/sender/stderr_tee.h"

namespace metlog {

class ZmqHandshake;
class ZmqEndpoint;
struct ZmqSettings;

/// `tcp://host:port` and `ipc://path` (also `zmq+tcp:`, `zmq+ipc:`): a ZeroMQ publisher that
/// connects; a frame a message, without a newline. The receiver binds a SUB. Options:
///   batch=1     batched frames, each of as many messages as fit; see docs/wire.md
///   max_frame=N bytes of a batched frame, 1024..1048576, default 73728, which takes a default
///               batch whole; a longer message goes in a frame of its own
///   hwm=N       frames libzmq may hold, 1..1000000, then the sender is busy; default 1000, of
///               batched frames as many as fit into 4 MiB
///   hold_ms=N   how long a subscriber is waited for, 0..3600000, default 2000; from then on
///               messages are lost as kNoReceiver, until one subscribes. One that leaves is
///               waited for again.
///   also=LIST   further end-points, with their schemes, separated by commas; for tcp
///               `tcp://host:port,host:port` says the same
///   handshake=ENDPOINT   where a router is asked whether it is there. While it is not, messages
///               are lost as kNoReceiver at once, but for the first answer they wait
///   handshake_timeout=N  milliseconds that an answer may take, 1..3600000, default 1000
///   livecheck=N seconds from an answer to the next question, 0.01..86400, default 10
///   debug_stderr=1       every message goes to standard error as well, before it is sent
///   unsent_stderr=1      a message that is lost here goes to standard error
/// "Sent" means: in libzmq's queue, for a peer that is connected and has subscribed. A peer that
/// dies takes what lay in its kernel's and libzmq's buffers with it, uncounted: there is no
/// receipt on this wire.
///
/// Several end-points have a socket each and get every message. It counts as sent when all have
/// taken it, and once as lost when one did not; the others have it nevertheless. They go through
/// a batch side by side, but all must be through before the next one: one that takes nothing, for
/// it has no subscriber or its queue is full, holds up the others for hold_ms, here 200 unless
/// told, and not again before it has taken something. One that is slow slows down the others.
///
/// flush() closes the links; a later send() connects anew. True means that libzmq's queue and the
/// kernel's are empty: over tcp the peer's kernel has everything, over ipc the peer has read it.
/// The kernel's queue is waited for before closing, since libzmq's linger alone is not enough: it
/// ends when the queue is read, not when it is written, and drops a last piece below 8 KiB that
/// a full kernel buffer did not take; and a closed ipc link makes a slow receiver drop what it
/// has not read.
///
/// A forked child loses everything as kForked.
class ZmqSender final : public Sender {
 public:
  /// kInvalidArgument for the URL; kResourceExhausted when too few descriptors are free. A peer
  /// that is not there is no error: it may come.
  static absl::StatusOr<std::unique_ptr<Sender>> open(const Url& url);
  ~ZmqSender() override;

  SendResult send(Batch& batch) override;
  bool flush(std::chrono::nanoseconds limit) override;
  std::chrono::nanoseconds idle() override;
  [[nodiscard]] std::string_view url() const override { return url_; }

 private:
  ZmqSender(std::string url, const ZmqSettings& settings);
  [[nodiscard]] bool is_foreign() const;
  SendResult send_to_all(Batch& batch);
  SendResult lose_rest(Batch& batch, LossReason reason);

  std::string url_;
  std::vector<std::unique_ptr<ZmqEndpoint>> outlets_;
  std::unique_ptr<ZmqHandshake> handshake_;  // null: nobody is asked
  std::optional<StderrTee> echo_of_all_;
  std::optional<StderrTee> echo_of_unsent_;
  std::uint64_t cursor_ = 0;  // of the batch that some outlets are not yet through with
};

}  // namespace metlog
