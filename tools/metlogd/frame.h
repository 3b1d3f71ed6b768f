#pragma once

#include <cstddef>
#include <string_view>

namespace metlog {

/// Readable bytes that lie behind every frame's text, so that the parser may look past its end.
inline constexpr std::size_t kFramePadding = 64;

/// One message as an input received it; valid until the next one is received.
struct Frame {
  std::string_view text;       // kFramePadding readable bytes lie behind it
  std::size_t sent_bytes = 0;  // what the peer sent; more than text.size() when it was cut
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
