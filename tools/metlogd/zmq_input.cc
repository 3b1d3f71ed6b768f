#include "tools/metlogd/zmq_input.h"

#include <fmt/format.h>
#include <zmq.h>

#include <array>
#include <cerrno>

#include "metlog/codec/frame_header.h"
#include "tools/metlogd/spare_descriptors.h"
#include "tools/metlogd/zmq_endpoint.h"

namespace metlog {
namespace {

// Frames each peer may have waiting inside ZMQ before its sending side has to hold them: 64 MiB of
// batched frames as senders make them by default.
constexpr int kReceiveHighWater = 1000;
constexpr int kHandshakeMs = 3000;
// libzmq answers a frame over ZMQ_MAXMSGSIZE by cutting the connection, and what else was on it is
// lost. An honest client that is somewhat over our limit shall lose the one message only.
constexpr std::size_t kHeadroom = 4;

void set(void* socket, int option, int value) {
  zmq_setsockopt(socket, option, &value, sizeof value);
}

absl::Status no_socket(std::string_view endpoint, std::string_view why) {
  return absl::UnavailableError(fmt::format("{}: no ZMQ socket: {}", endpoint, why));
}

absl::Status cannot_bind(std::string_view endpoint, int error) {
  return absl::UnavailableError(
      fmt::format("{}: cannot bind: {}. {}", endpoint, zmq_strerror(error),
                  error == EADDRINUSE
                      ? "Is another metlogd running? Name another port, or * and let the kernel "
                        "choose one"
                      : "Name an address of this machine, or a path that you may write to"));
}

}  // namespace

/// What was received last. A batched frame is read where it lies, for it is long and few of its
/// lines need the padding; a plain one is copied to a place that has it.
struct ZmqInput::Received {
  Received() { zmq_msg_init(&zmq); }
  ~Received() { zmq_msg_close(&zmq); }
  Received(const Received&) = delete;
  Received& operator=(const Received&) = delete;

  zmq_msg_t zmq;
};

absl::StatusOr<std::unique_ptr<ZmqInput>> ZmqInput::open(std::string_view endpoint,
                                                         std::size_t max_frame, Reach reach) {
  if (absl::Status status = check_zmq_endpoint(endpoint, reach); !status.ok()) return status;
  if (!has_spare_descriptors()) {
    return no_socket(endpoint, "too few free file descriptors; raise the limit (ulimit -n)");
  }
  void* context = zmq_ctx_new();
  void* socket = context == nullptr ? nullptr : zmq_socket(context, ZMQ_SUB);
  if (socket == nullptr) {
    const int error = zmq_errno();
    if (context != nullptr) zmq_ctx_term(context);
    return no_socket(endpoint, zmq_strerror(error));
  }
  std::unique_ptr<ZmqInput> input(new ZmqInput(context, socket, max_frame));
  if (absl::Status status = input->bind(endpoint); !status.ok()) return status;
  return input;
}

ZmqInput::ZmqInput(void* context, void* socket, std::size_t max_frame)
    : context_(context),
      socket_(socket),
      max_frame_(max_frame),
      message_(std::make_unique<Received>()),
      text_(new char[max_frame + kFramePadding]) {
  set(socket_, ZMQ_LINGER, 0);
  set(socket_, ZMQ_RCVHWM, kReceiveHighWater);
  set(socket_, ZMQ_HANDSHAKE_IVL, kHandshakeMs);
  const std::int64_t most_bytes = static_cast<std::int64_t>(max_frame * kHeadroom);
  zmq_setsockopt(socket_, ZMQ_MAXMSGSIZE, &most_bytes, sizeof most_bytes);
  zmq_setsockopt(socket_, ZMQ_SUBSCRIBE, "", 0);
}

ZmqInput::~ZmqInput() {
  zmq_close(socket_);
  zmq_ctx_term(context_);
}

absl::Status ZmqInput::bind(std::string_view endpoint) {
  if (endpoint.find('[') != std::string_view::npos) set(socket_, ZMQ_IPV6, 1);
  if (zmq_bind(socket_, std::string(endpoint).c_str()) != 0) {
    return cannot_bind(endpoint, zmq_errno());
  }
  std::array<char, 512> bound{};
  std::size_t size = bound.size();
  zmq_getsockopt(socket_, ZMQ_LAST_ENDPOINT, bound.data(), &size);
  endpoint_ = bound.data();
  return absl::OkStatus();
}

std::size_t ZmqInput::poll(FrameSink& sink, std::size_t most) {
  std::size_t taken = 0;
  while (taken < most) {
    if (zmq_msg_recv(&message_->zmq, socket_, ZMQ_DONTWAIT) < 0) {
      if (zmq_errno() != EAGAIN && zmq_errno() != EINTR) ++counts_.errors;
      break;
    }
    ++taken;
    ++counts_.frames;
    if (!sink.take(frame_of({static_cast<const char*>(zmq_msg_data(&message_->zmq)),
                             zmq_msg_size(&message_->zmq)}))) {
      break;
    }
  }
  return taken;
}

Frame ZmqInput::frame_of(std::string_view received) {
  const std::string_view text = received.substr(0, max_frame_);
  if (is_batched_frame(text)) return {text, received.size()};
  text.copy(text_.get(), text.size());
  return {{text_.get(), text.size()}, received.size()};
}

}  // namespace metlog
