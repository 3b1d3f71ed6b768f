#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tools/router/input/bound_zmq_socket.h"
#include "tools/router/input/input.h"

namespace metlog {

/// A bound ZMQ SUB socket, which tells its peers that it reads batched frames, too. Each part of a
/// multi-part message is a frame.
class ZmqInput : public Input {
 public:
  /// Binds to `endpoint`: tcp://127.0.0.1:5565, tcp://127.0.0.1:* (the kernel chooses the port),
  /// ipc:///run/metlog. A frame longer than `max_frame` bytes is cut to that size; a peer that
  /// announces one that is longer by more than a sixteenth, and by 4 KiB, is disconnected before it
  /// can fill the memory. Of each peer about 8 MiB wait in libzmq while nothing is polled; a peer
  /// that has sent only short frames can reach more. With `curve` it takes only peers that it
  /// knows. Errors as of UdpInput::open() and CurveClients::start().
  static absl::StatusOr<std::unique_ptr<ZmqInput>> open(
      std::string_view endpoint, std::size_t max_frame, Reach reach,
      const std::optional<CurveServer>& curve = std::nullopt);
  ~ZmqInput() override;
  ZmqInput(const ZmqInput&) = delete;
  ZmqInput& operator=(const ZmqInput&) = delete;

  std::size_t poll(FrameSink& sink, std::size_t max_frames) override;
  bool is_dry() override;
  [[nodiscard]] double fill() const override;
  [[nodiscard]] InputCounts counts() const override;
  [[nodiscard]] const std::string& endpoint() const override { return socket_->endpoint(); }
  /// Without the port, which libzmq does not say; empty for a peer of ipc.
  [[nodiscard]] std::string peer() const override;
  [[nodiscard]] PollHandle poll_handle() const override { return {socket_->get(), -1}; }

 private:
  ZmqInput(std::unique_ptr<BoundZmqSocket> socket, std::size_t max_frame);

  struct Received;  // has libzmq's types

  Frame frame_of(std::string_view received, const FrameSink& sink);
  void adapt_high_water(std::size_t longest_frame);

  const std::unique_ptr<BoundZmqSocket> socket_;
  const std::size_t max_frame_;
  const std::unique_ptr<Received> message_;
  const std::unique_ptr<char[]> text_;  // a plain frame with its padding
  std::size_t last_taken_ = 0;          // frames, by poll()
  std::size_t high_water_;              // frames that libzmq queues for each peer
  int short_turns_ = 0;                 // that would have allowed more
  InputCounts counts_;
};

}  // namespace metlog
