#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "senders/zmq/zmq_socket.h"

namespace metlog {

/// A publishing socket that connects to one peer, and whether that peer has subscribed. Used by
/// one thread at a time, but never in a forked child.
class ZmqConnection {
 public:
  ~ZmqConnection();
  ZmqConnection(const ZmqConnection&) = delete;
  ZmqConnection& operator=(const ZmqConnection&) = delete;

  /// `endpoint` as libzmq takes it; `hwm`: messages libzmq may hold.
  static absl::StatusOr<std::unique_ptr<ZmqConnection>> open(const std::string& endpoint, int hwm);

  [[nodiscard]] void* socket() const { return socket_.get(); }
  [[nodiscard]] const ZmqContext& context() const { return *socket_.context(); }

  /// Reads new events; true while connected to a peer that has subscribed.
  bool has_subscriber();
  /// Polls whether everything is out; true after enough polls in a row, a millisecond apart, have
  /// found the queues empty. Nothing may be sent meanwhile.
  bool poll_quiet();
  /// Closes the connection; false when it was not quiet or `deadline` passed first, so that
  /// something may be dropped. See zmq_sender.h for the guarantee.
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
  int topics_ = 0;       // subscriptions now
  int peer_fd_ = -1;     // libzmq's descriptor, while connected
  int quiet_polls_ = 0;  // in a row
};

}  // namespace metlog
