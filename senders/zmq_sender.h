#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "metlog/flush/sender.h"
#include "senders/hold.h"
#include "senders/url.h"
#include "senders/zmq_frames.h"

namespace metlog {

class ZmqLink;

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
/// "Sent" means: in libzmq's queue, for a peer that is connected and has subscribed. A peer that
/// dies takes what lay in its kernel's and libzmq's buffers with it, uncounted: there is no
/// receipt on this wire.
///
/// flush() closes the link; a later send() connects anew. True means that libzmq's queue and the
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
  [[nodiscard]] std::string_view url() const override { return url_; }

 private:
  struct Options {
    std::string endpoint;
    int hwm;
    std::chrono::milliseconds hold;
  };
  ZmqSender(std::string url, const Options& options, std::unique_ptr<ZmqLink> link,
            std::unique_ptr<BatchedFrames> batched);
  SendResult send_heard(Batch& batch);
  /// How many messages went; 0 with zmq_errno().
  std::size_t send_frame(const Batch& batch);

  std::string url_;
  Options options_;
  std::unique_ptr<ZmqLink> link_;                 // none between a flush() and the next send()
  const std::unique_ptr<BatchedFrames> batched_;  // null: a frame a message
  Hold hold_;
  bool may_hold_something_ = false;
};

}  // namespace metlog
