#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "absl/status/statusor.h"
#include "tools/metlog/tune/measure/transport.h"

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

}  // namespace metlog
