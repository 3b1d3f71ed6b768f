#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tools/metlogd/input.h"

namespace metlog {

/// A bound ZMQ SUB socket with a context of its own; those of a multi-part
/// message are frames like any other.
class ZmqInput : public Input {
 public:
  /// Binds to `endpoint`: tcp://127.0.0.1:5565, tcp://127.0.0.1:* (the kernel chooses the port),
  /// ipc:///run/metlog. Of a frame longer than `max_frame` only that much is received; a peer
  /// that announces far more is cut off before it can fill our memory. Errors as UdpInput::open.
  static absl::StatusOr<std::unique_ptr<ZmqInput>> open(std::string_view endpoint,
                                                        std::size_t max_frame, Reach reach);
  ~ZmqInput() override;
  ZmqInput(const ZmqInput&) = delete;
  ZmqInput& operator=(const ZmqInput&) = delete;

  std::size_t poll(FrameSink& sink, std::size_t most) override;
  [[nodiscard]] InputCounts counts() const override { return counts_; }
  [[nodiscard]] const std::string& endpoint() const override { return endpoint_; }
  [[nodiscard]] PollHandle poll_handle() const override { return {socket_, -1}; }

 private:
  ZmqInput(void* context, void* socket, std::size_t max_frame);

  struct Received;  // libzmq's, kept out of this header

  absl::Status bind(std::string_view endpoint);
  Frame frame_of(std::string_view received);

  void* const context_;
  void* const socket_;
  const std::size_t max_frame_;
  const std::unique_ptr<Received> message_;
  const std::unique_ptr<char[]> text_;  // of a plain frame, with its padding
  std::string endpoint_;
  InputCounts counts_;
};

}  // namespace metlog
