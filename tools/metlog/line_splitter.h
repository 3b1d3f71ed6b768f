#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "tools/router/input/frame.h"

namespace metlog {

/// Cuts a stream of bytes into lines. Of a line longer than the bound only that much is kept;
/// Frame::sent_bytes tells its length. Used by one thread.
class LineSplitter {
 public:
  explicit LineSplitter(std::size_t longest_line) : longest_line_(longest_line) {}

  /// Hands every line that the bytes complete to the sink, without its newline.
  void add(std::string_view bytes, FrameSink& sink);
  /// The stream is over: what has no newline behind it is a line as well, unless it is empty.
  void finish(FrameSink& sink);
  /// Forgets the line that has begun.
  void clear() { kept_ = line_bytes_ = 0; }

 private:
  void append(std::string_view bytes);
  void hand_over(FrameSink& sink);

  const std::size_t longest_line_;
  std::vector<char> line_ = std::vector<char>(kFramePadding);
  std::size_t kept_ = 0;
  std::size_t line_bytes_ = 0;
};

}  // namespace metlog
