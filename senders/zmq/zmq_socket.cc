#include "senders/zmq/zmq_socket.h"

#include <zmq.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace metlog {

ZmqSocket::ZmqSocket(std::shared_ptr<ZmqContext> context, int type)
    : context_(std::move(context)), socket_(::zmq_socket(context_->get(), type)) {}

ZmqSocket::ZmqSocket(ZmqSocket&& other) noexcept
    : context_(std::move(other.context_)), socket_(std::exchange(other.socket_, nullptr)) {}

ZmqSocket& ZmqSocket::operator=(ZmqSocket&& other) noexcept {
  std::swap(context_, other.context_);
  std::swap(socket_, other.socket_);
  return *this;
}

bool ZmqSocket::set(int option, int value) {
  return ::zmq_setsockopt(socket_, option, &value, sizeof value) == 0;
}

void ZmqSocket::close(int linger_ms) {
  void* socket = std::exchange(socket_, nullptr);
  if (socket == nullptr || context_->is_foreign()) return;
  ::zmq_setsockopt(socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
  ::zmq_close(socket);
}

absl::Status zmq_status(const std::string& what) {
  const int error = ::zmq_errno();
  return {absl::ErrnoToStatusCode(error), absl::StrCat(what, ": ", ::zmq_strerror(error))};
}

}  // namespace metlog
