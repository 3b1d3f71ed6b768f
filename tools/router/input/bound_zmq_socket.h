#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tools/router/input/input.h"

namespace metlog {

/// A ZMQ socket for others to connect to, with a context of its own. Set up first, then bound.
/// Used by one thread.
class BoundZmqSocket {
 public:
  /// Of a `type` as in zmq.h, not yet bound to `endpoint`: tcp://127.0.0.1:5565, tcp://127.0.0.1:*
  /// (the kernel chooses the port), ipc:///run/metlog. kInvalidArgument or kPermissionDenied for an
  /// end-point that may not be bound, kUnavailable when libzmq has no socket.
  static absl::StatusOr<std::unique_ptr<BoundZmqSocket>> open(int type, std::string_view endpoint,
                                                              Reach reach);
  ~BoundZmqSocket();
  BoundZmqSocket(const BoundZmqSocket&) = delete;
  BoundZmqSocket& operator=(const BoundZmqSocket&) = delete;

  void set(int option, int value);
  /// A longer frame cuts off the peer that announces it. libzmq knows no bound for the number of
  /// frames of one message, so who can reach the socket can fill our memory all the same.
  void set_longest_frame(std::size_t bytes);
  /// kUnavailable with the system's reason.
  absl::Status bind();

  [[nodiscard]] void* get() const { return socket_; }
  /// Once bound, with the port that the kernel chose.
  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }

 private:
  BoundZmqSocket(void* context, void* socket, std::string_view endpoint);

  void* const context_;
  void* const socket_;
  std::string endpoint_;
};

/// Whether a few file descriptors are free. libzmq ends the process when it runs out of them in
/// the middle of making a socket, so one asks before.
bool has_fd_headroom();

}  // namespace metlog
