#pragma once

#include <gtest/gtest.h>
#include <zmq.h>

#include <string>
#include <vector>

namespace metlog {

/// The router's end of a handshake, seen frame by frame: a bound ROUTER, in a context of its own as
/// another process would have it. Answers only on request.
class Answerer {
 public:
  /// "tcp://127.0.0.1:*" lets the kernel choose the port.
  explicit Answerer(const std::string& endpoint = "tcp://127.0.0.1:*")
      : context_(::zmq_ctx_new()), socket_(::zmq_socket(context_, ZMQ_ROUTER)) {
    const int no_linger = 0;
    ::zmq_setsockopt(socket_, ZMQ_LINGER, &no_linger, sizeof no_linger);
    EXPECT_EQ(::zmq_bind(socket_, endpoint.c_str()), 0) << endpoint << zmq_strerror(zmq_errno());
    std::string bound(256, '\0');
    std::size_t size = bound.size();
    ::zmq_getsockopt(socket_, ZMQ_LAST_ENDPOINT, bound.data(), &size);
    endpoint_ = bound.substr(0, size - 1);
  }
  ~Answerer() {
    ::zmq_close(socket_);
    ::zmq_ctx_term(context_);
  }
  Answerer(const Answerer&) = delete;
  Answerer& operator=(const Answerer&) = delete;

  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }

  /// The frames of the next question, after the identity of the asker; empty when none comes within
  /// `wait_ms`.
  std::vector<std::string> receive(int wait_ms = 10'000) {
    ::zmq_setsockopt(socket_, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
    std::vector<std::string> frames;
    int has_more = 1;
    while (has_more != 0) {
      std::string frame(256, '\0');
      const int size = ::zmq_recv(socket_, frame.data(), frame.size(), 0);
      if (size < 0) return {};
      frames.push_back(frame.substr(0, static_cast<std::size_t>(size)));
      std::size_t length = sizeof has_more;
      ::zmq_getsockopt(socket_, ZMQ_RCVMORE, &has_more, &length);
    }
    asked_by_ = frames.front();
    frames.erase(frames.begin());
    return frames;
  }

  /// Answers the question that was received last.
  void answer(const std::string& text = "") {
    send(asked_by_, ZMQ_SNDMORE);
    send("", ZMQ_SNDMORE);
    send(text, 0);
  }

  /// Receives and answers one if there is one; whether there was.
  bool attend(int wait_ms = 0) {
    if (receive(wait_ms).empty()) return false;
    answer();
    return true;
  }

 private:
  void send(const std::string& frame, int flags) {
    EXPECT_EQ(::zmq_send(socket_, frame.data(), frame.size(), flags),
              static_cast<int>(frame.size()));
  }

  void* context_;
  void* socket_;
  std::string endpoint_;
  std::string asked_by_;
};

}  // namespace metlog
