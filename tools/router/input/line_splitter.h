#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "tools/router/input/frame.h"

namespace metlog {

/// Splits a stream of bytes into lines, or into messages: lines too, and those that are indented
/// (docs/wire.md), from a line `{` to a line `}` with only indented lines between them. If another
/// line follows, the message was cut: what there is of it is passed. What is longer than the limit
/// is cut; Frame::sent_bytes has its full length. Used by one thread.
class LineSplitter {
 public:
  enum class Into { kLines, kMessages };

  explicit LineSplitter(std::size_t max_bytes, Into into = Into::kLines)
      : max_bytes_(max_bytes), into_(into) {}

  /// Passes each line or message that the bytes complete to the sink, without its last newline.
  void add(std::string_view bytes, FrameSink& sink);
  /// Ends the stream: passes what has no newline yet, unless it is empty.
  void finish(FrameSink& sink);
  /// Discards what is incomplete.
  void clear();

  /// True for the first byte of a line that is a message, or its first line.
  static bool begins_message(char first) { return first != ' ' && first != '}'; }

 private:
  void append(std::string_view bytes);
  void end_line(FrameSink& sink);
  void pass(std::size_t kept, std::size_t bytes, FrameSink& sink);

  const std::size_t max_bytes_;
  const Into into_;
  std::vector<char> buffer_ = std::vector<char>(kFramePadding);
  std::size_t kept_ = 0;   // bytes of the message that are in the buffer
  std::size_t bytes_ = 0;  // of the message
  // The last line of the message, which is not complete.
  std::size_t line_bytes_ = 0;
  char line_first_ = 0;
  bool is_indented_ = false;  // inside an indented message
};

}  // namespace metlog
