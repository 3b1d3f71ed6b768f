#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "senders/zmq/zmq_socket.h"

namespace metlog {

/// A publishing socket that connects, and what is known of who listens at its other end. One
/// peer. Used by one thread at a time, but never in a forked child.
class ZmqConnection {
 public:
  ~ZmqConnection();
  ZmqConnection(const ZmqConnection&) = delete;
  ZmqConnection& operator=(const ZmqConnection&) = delete;

  /// `endpoint` as libzmq takes it; `hwm`: messages libzmq may hold.
  static absl::StatusOr<std::unique_ptr<ZmqConnection>> open(const std::string& endpoint, int hwm);

  [[nodiscard]] void* socket() const { return socket_.get(); }
  [[nodiscard]] const ZmqContext& context() const { return *socket_.context(); }

  /// Reads what has come in since; true while connected to a peer that has subscribed.
  bool is_heard();
  /// One of the looks, a millisecond after the other, after some of which it is certain that all
  /// is out; then true. Nothing may be sent meanwhile.
  bool look_whether_quiet();
  /// Closes the link; false when it was not quiet, or `deadline` is over first, and something may
  /// be dropped. See zmq_sender.h for what is certain then.
  bool close(std::chrono::steady_clock::time_point deadline);

 private:
  ZmqConnection(ZmqSocket socket, ZmqSocket monitor);
  bool set_up(const std::string& endpoint, int hwm);
  void end_monitoring();
  void read_subscriptions();
  /// The next event, or 0 when none came in time.
  int next_event(int wait_ms);
  [[nodiscard]] bool is_kernel_queue_empty() const;

  ZmqSocket socket_;
  ZmqSocket monitor_;
  int topics_ = 0;       // subscribed to at the moment
  int connection_ = -1;  // libzmq's descriptor, while connected
  int quiet_looks_ = 0;  // in a row
};

}  // namespace metlog
