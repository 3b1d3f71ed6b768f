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

namespace metlog {

/// What arrived somewhere.
struct Arrival {
  std::uint64_t messages = 0;  // of the user; the engine's own are not counted
  std::uint64_t damaged = 0;   // frames that could not be read
  std::int64_t last_ns = 0;    // CLOCK_MONOTONIC of the last of them; 0 when nobody saw it arrive
};

/// Takes what a measuring process sends, on a thread of its own, and counts it. Used by one thread.
class Receiver {
 public:
  virtual ~Receiver() = default;
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  /// A socket of the kernel's choice on loopback, or `ipc_path`.
  static absl::StatusOr<std::unique_ptr<Receiver>> open(Transport transport,
                                                        const std::string& ipc_path);

  /// Where it listens, without a query.
  [[nodiscard]] const std::string& url() const { return url_; }
  /// Waits until so many messages have arrived, or nothing has for some time; then ends.
  Arrival finish(std::uint64_t expected);

 protected:
  static constexpr int kWaitMs = 20;

  Receiver() = default;
  void set_url(std::string url) { url_ = std::move(url); }
  void start();
  /// To be called by the destructors of what has a socket.
  void stop();
  /// Takes what is there; false when there was nothing for kWaitMs, or never will be.
  virtual bool step() = 0;
  void count(std::string_view frame);
  /// Behind the frames of one step.
  void publish();

 private:
  std::string url_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> messages_{0};
  std::atomic<std::uint64_t> empty_looks_{0};
  Arrival counted_;  // the thread's
  std::thread thread_;
};

/// Messages of the user in a frame, plain or batched; -1 when it cannot be read.
std::int64_t user_messages_in(std::string_view frame);

/// A UDP socket on loopback, read many datagrams at a time.
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

/// A bare ZMQ SUB that is bound and subscribes to everything.
class ZmqReceiver final : public Receiver {
 public:
  static absl::StatusOr<std::unique_ptr<Receiver>> open(const std::string& endpoint);
  ~ZmqReceiver() override;

 protected:
  bool step() override;

 private:
  ZmqReceiver(void* context, void* socket) : context_(context), socket_(socket) {}

  void* const context_;
  void* const socket_;
};

}  // namespace metlog
