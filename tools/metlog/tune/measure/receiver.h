#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "tools/metlog/tune/measure/setting.h"
#include "tools/router/input/bound_zmq_socket.h"

namespace metlog {

/// The count of what arrived at a destination.
struct Arrival {
  std::uint64_t messages = 0;  // without the engine's own
  std::uint64_t damaged = 0;   // frames that could not be read
  std::int64_t last_ns = 0;    // CLOCK_MONOTONIC of the last message; 0 when unknown
};

/// Receives what a measuring process sends, on its own thread, and counts it. Used by one thread.
class Receiver {
 public:
  virtual ~Receiver() = default;
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  /// Opens a port of the kernel's choice on loopback, or `ipc_path`. kUnavailable when that fails.
  static absl::StatusOr<std::unique_ptr<Receiver>> open(Transport transport,
                                                        const std::string& ipc_path);

  /// The URL it listens at, without a query.
  [[nodiscard]] const std::string& url() const { return url_; }
  /// Waits until `expected` messages have arrived, or none for some time; then stops the thread.
  Arrival finish(std::uint64_t expected);

 protected:
  static constexpr int kWaitMs = 20;

  Receiver() = default;
  void set_url(std::string url) { url_ = std::move(url); }
  absl::Status start();
  /// Stops the thread. Derived classes call it before they close their socket.
  void stop();
  /// Receives what has arrived; false when nothing did within kWaitMs, or on an error.
  virtual bool step() = 0;
  void count(std::string_view frame);
  /// Makes the counts visible to finish(); called after the frames of one step.
  void publish();

 private:
  std::string url_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> messages_{0};
  std::atomic<std::uint64_t> empty_polls_{0};
  Arrival counted_;  // written by thread_
  std::thread thread_;
};

/// Returns the number of messages in a frame, plain or batched, without the engine's own; -1 when
/// the frame cannot be read.
std::int64_t user_messages_in(std::string_view frame);

/// A UDP socket on loopback, read in groups of datagrams.
class UdpReceiver final : public Receiver {
 public:
  static absl::StatusOr<std::unique_ptr<Receiver>> open();
  ~UdpReceiver() override { stop(); }

 protected:
  bool step() override;

 private:
  explicit UdpReceiver(UniqueFd socket);

  const UniqueFd socket_;
  std::vector<char> buffer_;
};

/// A bound ZMQ SUB that subscribes to everything.
class ZmqReceiver final : public Receiver {
 public:
  static absl::StatusOr<std::unique_ptr<Receiver>> open(const std::string& endpoint);
  ~ZmqReceiver() override;

 protected:
  bool step() override;

 private:
  explicit ZmqReceiver(std::unique_ptr<BoundZmqSocket> socket) : socket_(std::move(socket)) {}

  const std::unique_ptr<BoundZmqSocket> socket_;
};

}  // namespace metlog
