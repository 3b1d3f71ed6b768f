#include "tools/router/input/handshake_input.h"

#include <zmq.h>

#include <cerrno>
#include <utility>

namespace metlog {
namespace {

// metlog's own requests are empty; other programs' need not be.
constexpr std::size_t kMaxFrame = 64 * 1024;
// Requests queued for each peer; a peer sends the next one after the answer.
constexpr int kMaxQueuedRequests = 16;

bool is_temporary(int error) { return error == EAGAIN || error == EINTR; }

}  // namespace

absl::StatusOr<std::unique_ptr<HandshakeInput>> HandshakeInput::open(
    std::string_view endpoint, Reach reach, const std::optional<CurveServer>& curve) {
  auto socket = BoundZmqSocket::open(ZMQ_REP, endpoint, reach);
  if (!socket.ok()) return socket.status();
  if (curve.has_value()) {
    if (absl::Status status = (*socket)->set_curve(*curve); !status.ok()) return status;
  }
  (*socket)->set_max_frame_bytes(kMaxFrame);
  (*socket)->set(ZMQ_RCVHWM, kMaxQueuedRequests);
  (*socket)->set(ZMQ_SNDHWM, kMaxQueuedRequests);
  if (absl::Status status = (*socket)->bind(); !status.ok()) return status;
  return std::unique_ptr<HandshakeInput>(new HandshakeInput(*std::move(socket)));
}

HandshakeInput::HandshakeInput(std::unique_ptr<BoundZmqSocket> socket)
    : socket_(std::move(socket)), endpoint_("handshake+" + socket_->endpoint()) {}

std::size_t HandshakeInput::poll(FrameSink&, std::size_t max_requests) {
  for (std::size_t i = 0; i < max_requests; ++i) {
    // A REP socket takes no further request before it has sent the answer.
    if ((!owes_answer_ && !receive_request()) || !answer()) break;
  }
  return 0;
}

InputCounts HandshakeInput::counts() const {
  InputCounts counts = counts_;
  counts.refused_clients = socket_->refused_clients();
  return counts;
}

bool HandshakeInput::receive_request() {
  int has_more = 0;
  do {
    if (zmq_recv(socket_->get(), nullptr, 0, ZMQ_DONTWAIT) < 0) {
      if (!is_temporary(zmq_errno())) ++counts_.errors;
      return false;
    }
    std::size_t size = sizeof has_more;
    zmq_getsockopt(socket_->get(), ZMQ_RCVMORE, &has_more, &size);
  } while (has_more != 0);
  owes_answer_ = true;
  return true;
}

bool HandshakeInput::answer() {
  if (zmq_send(socket_->get(), nullptr, 0, ZMQ_DONTWAIT) < 0) {
    if (!is_temporary(zmq_errno())) ++counts_.errors;
    return false;
  }
  owes_answer_ = false;
  ++counts_.handshakes;
  return true;
}

}  // namespace metlog
