#pragma once

#include <gtest/gtest.h>
#include <zmq.h>

#include <cstddef>
#include <string>
#include <vector>

#include "metlog/internal/codec/frame_header.h"

namespace metlog {

/// A bound SUB that reads all, in a context of its own as another process would have it. Tiny
/// buffers, so that a reader who pauses is noticed soon.
class Subscriber {
 public:
  /// "tcp://127.0.0.1:*" lets the kernel choose the port. With a secret key it speaks CURVE.
  explicit Subscriber(const std::string& endpoint, const std::string& curve_secret_key = "")
      : context_(::zmq_ctx_new()), socket_(::zmq_socket(context_, ZMQ_SUB)) {
    set(ZMQ_LINGER, 0);
    set(ZMQ_RCVHWM, 1);
    set(ZMQ_RCVBUF, 4096);
    ::zmq_setsockopt(socket_, ZMQ_SUBSCRIBE, "", 0);
    if (!curve_secret_key.empty()) {
      set(ZMQ_CURVE_SERVER, 1);
      EXPECT_EQ(::zmq_setsockopt(socket_, ZMQ_CURVE_SECRETKEY, curve_secret_key.c_str(),
                                 curve_secret_key.size() + 1),
                0);
    }
    EXPECT_EQ(::zmq_bind(socket_, endpoint.c_str()), 0) << endpoint << zmq_strerror(zmq_errno());
    std::string bound(256, '\0');
    std::size_t size = bound.size();
    ::zmq_getsockopt(socket_, ZMQ_LAST_ENDPOINT, bound.data(), &size);
    endpoint_ = bound.substr(0, size - 1);
  }
  ~Subscriber() {
    ::zmq_close(socket_);
    ::zmq_ctx_term(context_);
  }
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }

  /// Lets libzmq send the subscriptions to a new peer; it does so only in the reader's calls.
  void attend() {
    int events = 0;
    std::size_t size = sizeof events;
    ::zmq_getsockopt(socket_, ZMQ_EVENTS, &events, &size);
  }
  /// As metlogd does beside its subscription.
  void ask_for_batches() {
    ::zmq_setsockopt(socket_, ZMQ_SUBSCRIBE, FrameHeader::kTopic.data(),
                     FrameHeader::kTopic.size());
  }
  void refuse_batches() {
    ::zmq_setsockopt(socket_, ZMQ_UNSUBSCRIBE, FrameHeader::kTopic.data(),
                     FrameHeader::kTopic.size());
  }
  void unsubscribe() { ::zmq_setsockopt(socket_, ZMQ_UNSUBSCRIBE, "", 0); }
  void subscribe() { ::zmq_setsockopt(socket_, ZMQ_SUBSCRIBE, "", 0); }

  /// The next frame; false when none comes within `wait_ms`.
  bool receive(std::string& frame, int wait_ms) {
    set(ZMQ_RCVTIMEO, wait_ms);
    zmq_msg_t message;
    ::zmq_msg_init(&message);
    const int size = ::zmq_msg_recv(&message, socket_, 0);
    if (size >= 0) {
      frame.assign(static_cast<const char*>(::zmq_msg_data(&message)), ::zmq_msg_size(&message));
    }
    ::zmq_msg_close(&message);
    return size >= 0;
  }

 private:
  void set(int option, int value) { ::zmq_setsockopt(socket_, option, &value, sizeof value); }

  void* context_;
  void* socket_;
  std::string endpoint_;
};

/// The next frames, fewer than `count` when none comes for ten seconds.
inline std::vector<std::string> receive(Subscriber& subscriber, std::size_t count) {
  constexpr int kPatienceMs = 10'000;
  std::vector<std::string> frames;
  std::string frame;
  while (frames.size() < count && subscriber.receive(frame, kPatienceMs)) frames.push_back(frame);
  return frames;
}

}  // namespace metlog
