#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tools/router/input/input.h"

namespace metlog {

/// A ZMQ socket with its own context, for others to connect to. Set its options, then bind it. Used
/// by one thread.
class BoundZmqSocket {
 public:
  /// Makes a socket of `type`, one of zmq.h, that bind() binds to `endpoint`: tcp://127.0.0.1:5565,
  /// tcp://127.0.0.1:* (the kernel chooses the port) or ipc:///run/metlog. Errors: kInvalidArgument
  /// or kPermissionDenied for an endpoint that may not be bound, kUnavailable when libzmq cannot
  /// make a socket.
  static absl::StatusOr<std::unique_ptr<BoundZmqSocket>> open(int type, std::string_view endpoint,
                                                              Reach reach);
  ~BoundZmqSocket();
  BoundZmqSocket(const BoundZmqSocket&) = delete;
  BoundZmqSocket& operator=(const BoundZmqSocket&) = delete;

  /// Sets an option of zmq.h that takes an int.
  void set(int option, int value);
  /// Disconnects a peer that announces a longer frame. libzmq does not limit the number of frames
  /// of one message, so a peer can still fill the memory.
  void set_max_frame_bytes(std::size_t bytes);
  /// See cannot_bind() for the error.
  absl::Status bind();

  [[nodiscard]] void* get() const { return socket_; }
  /// The endpoint; once bound, with the port that the kernel chose.
  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }

 private:
  BoundZmqSocket(void* context, void* socket, std::string_view endpoint);

  void* const context_;
  void* const socket_;
  std::string endpoint_;
};

/// True when a few file descriptors are free. libzmq aborts the process when it runs out of them
/// while it makes a socket, so check first.
bool has_fd_headroom();

}  // namespace metlog
