#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "senders/zmq/zmq_link.h"
#include "senders/zmq/zmq_socket.h"

namespace metlog {

/// Asks a router repeatedly whether it is running: an empty frame over a REQ socket; any frame that
/// comes back is an answer. Never waits: poll() does what is due. Used by one thread at a time, but
/// not in a forked child.
class ZmqHandshake {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Options {
    std::string endpoint;  // as libzmq takes it
    ZmqLink link = {};     // its heartbeat has no use here
    std::chrono::milliseconds timeout{0};
    /// From the end of one question to the next.
    std::chrono::milliseconds livecheck{0};
  };
  /// The outcome of the last question that has ended.
  enum class State {
    kAsking,  // none has ended
    kAnswered,
    kSilent,  // no answer came in time
  };

  /// Asks for the first time. Errors as ZmqConnection::open().
  static absl::StatusOr<std::unique_ptr<ZmqHandshake>> open(const Options& options, TimePoint now);

  /// Reads an answer, ends a question that took too long, or asks the next one when it is time.
  State poll(TimePoint now);
  /// True in a child forked since a question was asked that is still open.
  [[nodiscard]] bool is_foreign() const {
    return question_.is_open() && question_.context()->is_foreign();
  }
  /// Time until poll() has something to do.
  [[nodiscard]] std::chrono::nanoseconds until_next_poll(TimePoint now) const;

 private:
  explicit ZmqHandshake(Options options) : options_(std::move(options)) {}
  absl::Status ask(TimePoint now);
  /// Unless it is sent, or there is no connection yet.
  void send_question();
  void end_question(State state, TimePoint now);

  const Options options_;
  State state_ = State::kAsking;
  ZmqSocket question_;  // open while a question is pending
  bool is_sent_ = false;
  TimePoint answer_by_;
  TimePoint next_question_;
};

}  // namespace metlog
