#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace metlog {

/// Readable bytes after the text of every message, so that the parser may read past its end.
inline constexpr std::size_t kFramePadding = 64;

/// The length of frames to receive whole, unless a user asks for more. Three times what senders
/// make of many messages by default.
inline constexpr std::size_t kMaxFrameBytes = 256 * 1024;

/// The size of the longest frame to receive whole: as asked for, but at least a batched frame of
/// one message of `max_message_bytes`.
constexpr std::size_t max_frame_bytes(std::size_t max_message_bytes,
                                      std::size_t asked_bytes = kMaxFrameBytes) {
  constexpr std::size_t kHeaderAndPadding = 1024;
  return std::max(asked_bytes, max_message_bytes + kHeaderAndPadding);
}

/// A received frame; valid until its input receives the next one.
struct Frame {
  /// Followed by kFramePadding readable bytes, unless it is a batched frame (is_batched_frame()) or
  /// the sink needs none.
  std::string_view text;
  std::size_t sent_bytes = 0;  // by the peer; more than text.size() when the frame was cut
};

/// One message: a plain frame, or a line of a batched one.
struct MessageBytes {
  std::string_view text;       // followed by kFramePadding readable bytes of any value
  std::size_t sent_bytes = 0;  // more than text.size() when the message was cut
};

/// The receiver of an input's frames.
class FrameSink {
 public:
  /// Takes the frame in any case. Returns false to ask the input to stop as soon as it can.
  virtual bool take(const Frame& frame) = 0;
  /// False for a sink that copies what it takes, so that an input need not.
  [[nodiscard]] virtual bool needs_padding() const { return true; }

 protected:
  ~FrameSink() = default;
};

}  // namespace metlog
