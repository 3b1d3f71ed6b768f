#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "metlog/internal/base/unique_fd.h"
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

/// Reads the messages that are added to a file, also after it is replaced (rotated) or truncated.
/// Those that are written to the old file after the new one was seen are not read. Used by one
/// thread.
class FollowedFile {
 public:
  FollowedFile(std::string path, std::size_t max_message_bytes);

  /// Opens the file at the beginning of its last `count` messages. kNotFound when it does not
  /// exist (yet), kInvalidArgument when it is not a regular file, else kUnavailable.
  absl::Status open(std::uint64_t count);
  /// Passes some of the new messages to the sink; false when there are none at the moment. Opens
  /// the file if it did not exist before.
  bool poll(FrameSink& sink);
  /// Passes a last message that has no newline.
  void finish(FrameSink& sink) { messages_.finish(sink); }
  /// What poll() found at the path: kNotFound while nothing is there, also when an open file was
  /// moved or removed; else the reason why a new file cannot be read.
  [[nodiscard]] const absl::Status& path_status() const { return path_status_; }

 private:
  [[nodiscard]] bool is_truncated() const;
  bool is_replaced();
  bool read_some(FrameSink& sink);
  bool open_all();

  const std::string path_;
  LineSplitter messages_;
  absl::Status path_status_;
  UniqueFd fd_;
  off_t offset_ = 0;
};

}  // namespace metlog
