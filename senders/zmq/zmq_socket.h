#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "senders/zmq/zmq_context.h"

namespace metlog {

/// Owns a libzmq socket and keeps its context alive. Used by one thread at a time.
class ZmqSocket {
 public:
  ZmqSocket() = default;
  /// `type` as in zmq.h. Not open when libzmq refuses; zmq_errno() has the reason.
  ZmqSocket(std::shared_ptr<ZmqContext> context, int type);
  ZmqSocket(ZmqSocket&& other) noexcept;
  ZmqSocket& operator=(ZmqSocket&& other) noexcept;
  /// Closes without waiting: what libzmq still holds is dropped.
  ~ZmqSocket() { close(0); }

  [[nodiscard]] void* get() const { return socket_; }
  [[nodiscard]] bool is_open() const { return socket_ != nullptr; }
  [[nodiscard]] const std::shared_ptr<ZmqContext>& context() const { return context_; }
  bool set(int option, int value);
  /// Closes; libzmq keeps sending what it holds in the background for up to `linger_ms`. Does
  /// nothing in a forked child: the socket is the parent's.
  void close(int linger_ms);

 private:
  std::shared_ptr<ZmqContext> context_;
  void* socket_ = nullptr;
};

/// `what: reason`, the reason why libzmq's last call in this thread failed.
absl::Status zmq_status(const std::string& what);

}  // namespace metlog
