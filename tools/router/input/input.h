#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tools/router/input/frame.h"

namespace metlog {

struct InputCounts {
  std::uint64_t frames = 0;        // received, whatever became of them
  std::uint64_t kernel_drops = 0;  // dropped by the kernel before we could receive them
  std::uint64_t errors = 0;        // receive calls that failed for a reason of their own
  std::uint64_t handshakes = 0;    // questions answered, which are no frames
};

/// What to wait on for an input: a ZMQ socket, else a file descriptor.
struct PollHandle {
  void* zmq_socket = nullptr;
  int fd = -1;
};

/// Where frames come from. Bound when it exists. Used by one thread.
class Input {
 public:
  virtual ~Input() = default;

  /// Hands what is there to `sink`, `most` frames at most, and returns how many. Never waits.
  /// Stops early when the sink asks for it, an input that receives several frames with one call
  /// after the last of these.
  virtual std::size_t poll(FrameSink& sink, std::size_t most) = 0;

  /// Whether it hands frames on at all. One that does not is served also while the router reads
  /// none: it answers.
  [[nodiscard]] virtual bool hands_on_frames() const { return true; }
  [[nodiscard]] virtual InputCounts counts() const = 0;
  /// Where it is bound, with the port that the kernel chose: udp://127.0.0.1:5565.
  [[nodiscard]] virtual const std::string& endpoint() const = 0;
  [[nodiscard]] virtual PollHandle poll_handle() const = 0;
};

/// Who may reach an input. Bound beyond this machine, it takes messages from anybody.
enum class Reach { kLoopbackOnly, kAnywhere };

/// Waits until one of the inputs has something, a signal arrives or the time is over.
void wait_for_input(const std::vector<std::unique_ptr<Input>>& inputs,
                    std::chrono::milliseconds longest);

}  // namespace metlog
