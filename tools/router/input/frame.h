#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace metlog {

/// Readable bytes that lie behind every message's text, so that the parser may look past its end.
inline constexpr std::size_t kFramePadding = 64;

/// The longest frame that is received whole, where messages of `max_message` bytes are accepted:
/// a batched frame may hold several of the longest.
constexpr std::size_t longest_frame(std::size_t max_message) {
  return std::max<std::size_t>(4 * max_message, 1024 * 1024);
}

/// What an input received with one frame; valid until the next one is received.
struct Frame {
  /// kFramePadding readable bytes lie behind it, unless it is a batched frame (is_batched_frame()).
  std::string_view text;
  std::size_t sent_bytes = 0;  // what the peer sent; more than text.size() when it was cut
};

/// One message: a plain frame, or a line of a batched one.
struct MessageBytes {
  std::string_view text;       // kFramePadding readable bytes lie behind it, of whatever value
  std::size_t sent_bytes = 0;  // more than text.size() when it was cut
};

/// Where an input hands its frames to.
class FrameSink {
 public:
  /// Takes the frame, always; false asks the input to stop as soon as it can.
  virtual bool take(const Frame& frame) = 0;

 protected:
  ~FrameSink() = default;
};

}  // namespace metlog
