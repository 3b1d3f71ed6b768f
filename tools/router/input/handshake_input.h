#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tools/router/input/bound_zmq_socket.h"
#include "tools/router/input/input.h"

namespace metlog {

/// Answers ZMQ senders that ask whether a router is there. The answer to any request is one empty
/// frame. Delivers no frames; its counts have the requests.
class HandshakeInput : public Input {
 public:
  /// Binds to `endpoint`; see BoundZmqSocket. With `curve` it takes only peers that it knows.
  static absl::StatusOr<std::unique_ptr<HandshakeInput>> open(
      std::string_view endpoint, Reach reach,
      const std::optional<CurveServer>& curve = std::nullopt);

  /// Answers up to `max_requests` requests; returns 0, for they are not frames.
  std::size_t poll(FrameSink& sink, std::size_t max_requests) override;
  [[nodiscard]] bool delivers_frames() const override { return false; }
  [[nodiscard]] InputCounts counts() const override;
  /// The bound endpoint as handshake+tcp://127.0.0.1:5566.
  [[nodiscard]] const std::string& endpoint() const override { return endpoint_; }
  [[nodiscard]] PollHandle poll_handle() const override { return {socket_->get(), -1}; }

 private:
  explicit HandshakeInput(std::unique_ptr<BoundZmqSocket> socket);
  bool receive_request();
  bool answer();

  const std::unique_ptr<BoundZmqSocket> socket_;
  const std::string endpoint_;
  bool owes_answer_ = false;
  InputCounts counts_;
};

}  // namespace metlog
