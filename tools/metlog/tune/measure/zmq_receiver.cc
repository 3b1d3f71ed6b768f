#include "tools/metlog/tune/measure/zmq_receiver.h"

#include <zmq.h>

#include <array>
#include <cerrno>

namespace metlog {
namespace {

// Messages taken between two looks at whether to end.
constexpr int kMostInARow = 1024;

}  // namespace

absl::StatusOr<std::unique_ptr<Receiver>> ZmqReceiver::open(const std::string& endpoint) {
  void* const context = zmq_ctx_new();
  void* const socket = context == nullptr ? nullptr : zmq_socket(context, ZMQ_SUB);
  if (socket == nullptr) {
    const std::string why = zmq_strerror(zmq_errno());
    if (context != nullptr) zmq_ctx_term(context);
    return absl::UnavailableError("no ZMQ socket: " + why);
  }
  std::unique_ptr<ZmqReceiver> receiver(new ZmqReceiver(context, socket));
  const int no_linger = 0;
  zmq_setsockopt(socket, ZMQ_LINGER, &no_linger, sizeof no_linger);
  zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0);
  std::array<char, 256> bound{};
  std::size_t length = bound.size();
  if (zmq_bind(socket, endpoint.c_str()) != 0 ||
      zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, bound.data(), &length) != 0) {
    return absl::UnavailableError("cannot bind " + endpoint + ": " + zmq_strerror(zmq_errno()));
  }
  receiver->set_url(bound.data());
  receiver->start();
  return receiver;
}

ZmqReceiver::~ZmqReceiver() {
  stop();
  zmq_close(socket_);
  zmq_ctx_term(context_);
}

bool ZmqReceiver::step() {
  zmq_pollitem_t input{socket_, 0, ZMQ_POLLIN, 0};
  const int ready = zmq_poll(&input, 1, kWaitMs);
  if (ready != 1) return ready < 0 && zmq_errno() == EINTR;
  zmq_msg_t message;
  for (int i = 0; i < kMostInARow; ++i) {
    zmq_msg_init(&message);
    const int size = zmq_msg_recv(&message, socket_, ZMQ_DONTWAIT);
    if (size >= 0) {
      count({static_cast<const char*>(zmq_msg_data(&message)), static_cast<std::size_t>(size)});
    }
    zmq_msg_close(&message);
    if (size < 0) break;
  }
  publish();
  return true;
}

}  // namespace metlog
