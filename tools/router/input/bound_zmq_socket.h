#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "senders/zmq/curve_keys.h"
#include "tools/router/input/curve_clients.h"
#include "tools/router/input/input.h"
#include "tools/router/input/ipc_listener.h"
#include "tools/router/input/zmq_drain.h"

namespace metlog {

/// How a bound ZMQ socket knows its peers: by CURVE, with its own keys.
struct CurveServer {
  CurveKeyPair keys;
  /// A folder with the public keys of the clients that it takes; empty for all who know its own.
  std::string clients = {};
};

/// A ZMQ socket with its own context, for others to connect to. Set its options, then bind it. Used
/// by one thread.
class BoundZmqSocket {
 public:
  /// Makes a socket of `type`, one of zmq.h, that bind() binds to `endpoint`: tcp://127.0.0.1:5565,
  /// tcp://127.0.0.1:* (the kernel chooses the port), tcp://localhost:5565 (all addresses of the
  /// name that this machine has, one at least) or ipc:///run/metlog (see IpcListener). Errors:
  /// kInvalidArgument or kPermissionDenied for an endpoint that may not be bound, kUnavailable when
  /// libzmq cannot make a socket.
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
  /// Takes only peers that speak CURVE and know the public key of its pair. Errors as of
  /// CurveClients::start().
  absl::Status set_curve(const CurveServer& server);
  /// Errors as cannot_bind() and IpcListener.
  absl::Status bind();

  /// Made when it is asked for.
  ZmqDrain& drain();
  [[nodiscard]] void* get() const { return socket_; }
  /// The connections that were refused for their keys.
  [[nodiscard]] std::uint64_t refused_clients() const {
    return clients_ != nullptr ? clients_->refused() : 0;
  }
  /// The endpoint, the first of several; once bound, with the port that the kernel chose.
  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }

 private:
  BoundZmqSocket(void* context, void* socket, std::vector<std::string> endpoints);
  absl::Status bind_ipc(std::string_view path);
  absl::Status bind_tcp();
  /// Returns 0 or libzmq's errno.
  int bind_one(const std::string& endpoint);

  // Destroyed last: libzmq still uses its descriptor.
  std::optional<IpcListener> ipc_;
  void* const context_;
  void* const socket_;
  std::unique_ptr<CurveClients> clients_;  // null for none
  const std::vector<std::string> wanted_;
  std::string endpoint_;
  std::optional<ZmqDrain> drain_;
};

/// True when a few file descriptors are free. libzmq aborts the process when it runs out of them
/// while it makes a socket, so check first.
bool has_fd_headroom();

}  // namespace metlog
