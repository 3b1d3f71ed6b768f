#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "tools/router/input/frame.h"

namespace metlog {

/// What an input has received since it was bound.
struct InputCounts {
  std::uint64_t frames = 0;           // received, whatever became of them
  std::uint64_t kernel_drops = 0;     // dropped by the kernel before they could be received
  std::uint64_t errors = 0;           // receive calls that failed, other than for want of a frame
  std::uint64_t handshakes = 0;       // requests answered; they are not frames
  std::uint64_t metrics = 0;          // of statsd: added up; each frame has the sums of many
  std::uint64_t bad_metrics = 0;      // of statsd: lines that are none, and what was cut
  std::uint64_t refused_clients = 0;  // connections of clients whose keys it does not know
  // Of connections.
  std::uint64_t connections = 0;          // accepted
  std::uint64_t open_connections = 0;     // now
  std::uint64_t refused_connections = 0;  // closed at once: there were too many
  std::uint64_t cut_lines = 0;  // frames that ended without a newline, since the connection broke

  InputCounts& operator+=(const InputCounts& other) {
    frames += other.frames;
    kernel_drops += other.kernel_drops;
    errors += other.errors;
    handshakes += other.handshakes;
    metrics += other.metrics;
    bad_metrics += other.bad_metrics;
    refused_clients += other.refused_clients;
    connections += other.connections;
    open_connections += other.open_connections;
    refused_connections += other.refused_connections;
    cut_lines += other.cut_lines;
    return *this;
  }
};

/// What to wait on for an input: a ZMQ socket or, when that is null, a file descriptor.
struct PollHandle {
  void* zmq_socket = nullptr;
  int fd = -1;
};

/// A source of frames, bound from its construction on, or one of the router's own. Used by one
/// thread.
class Input {
 public:
  virtual ~Input() = default;

  /// Passes up to `max_frames` received frames to `sink`; returns how many. Never waits. Stops
  /// early when the sink asks for it; frames that one system call received are all passed first.
  virtual std::size_t poll(FrameSink& sink, std::size_t max_frames) = 0;

  /// Passes on what the input has gathered; the last call, after the last poll(). Returns how many
  /// frames that were.
  virtual std::size_t finish(FrameSink& sink) {
    static_cast<void>(sink);
    return 0;
  }

  /// True when poll() found nothing because nothing is left that this machine has received. Call it
  /// after that; it may take several calls.
  virtual bool is_dry() { return true; }

  /// The tags that messages from here have to begin with: see TagRules. None unless set.
  void set_tags(std::vector<std::string> tags) { tags_ = std::move(tags); }
  [[nodiscard]] const std::vector<std::string>& tags() const { return tags_; }

  /// Returns the share of the room for received frames that the last poll() found in use, 0 to 1.
  [[nodiscard]] virtual double fill() const { return 0; }

  /// Returns how long what a fast peer sends has room, so that the input may be left alone.
  [[nodiscard]] virtual std::chrono::nanoseconds longest_rest() const {
    return std::chrono::nanoseconds::max();
  }

  /// False for an input that only answers requests. The router polls it also while the others are
  /// paused.
  [[nodiscard]] virtual bool delivers_frames() const { return true; }
  [[nodiscard]] virtual InputCounts counts() const = 0;
  /// False for one that has no address to send to.
  [[nodiscard]] virtual bool is_bound() const { return true; }
  /// The bound address, with the port that the kernel chose: udp://127.0.0.1:5565.
  [[nodiscard]] virtual const std::string& endpoint() const = 0;
  [[nodiscard]] virtual PollHandle poll_handle() const = 0;
  /// Who sent the frame that the sink is being given, as far as the input knows: 127.0.0.1:4711.
  /// Empty otherwise.
  [[nodiscard]] virtual std::string peer() const { return {}; }

 private:
  std::vector<std::string> tags_;
};

/// Which machines may reach an input. With kAnywhere it accepts messages from every peer.
enum class Reach { kLoopbackOnly, kAnywhere };

/// Waits until an input can be polled, a signal arrives or `max_wait` is over. It may end without
/// an input: libzmq wakes its sockets for more than frames.
void wait_for_input(const std::vector<std::unique_ptr<Input>>& inputs,
                    std::chrono::nanoseconds max_wait);

/// Input::is_dry() of all.
bool are_dry(const std::vector<std::unique_ptr<Input>>& inputs);

/// Waits until one of these descriptors, of which negative ones never are, is readable, a signal
/// arrives or `max_wait` is over.
void wait_for_any(const std::vector<int>& fds, std::chrono::nanoseconds max_wait);

/// kUnavailable with the reason of `error`, an errno or one of libzmq's, and advice. `any_port` is
/// how the user asks the kernel for a free port: "port 0", "*".
absl::Status cannot_bind(std::string_view endpoint, int error, std::string_view any_port);

}  // namespace metlog
