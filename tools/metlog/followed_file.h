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

/// Reads the lines that are added to a file, also when it is replaced (rotated) or begun anew
/// (truncated). What somebody writes to the old file after the new one was seen is not read.
/// Used by one thread.
class FollowedFile {
 public:
  FollowedFile(std::string path, std::size_t longest_line);

  /// Opens the file and goes to where its last `line_count` lines begin. kNotFound when it is not
  /// there (yet), kInvalidArgument when it is no file of lines, else kUnavailable.
  absl::Status open(std::uint64_t line_count);
  /// Hands some of the new lines to the sink; false when there is nothing new for now. Opens the
  /// file when it was not there before.
  bool poll(FrameSink& sink);
  /// The last line is one even if no newline stands behind it.
  void finish(FrameSink& sink) { lines_.finish(sink); }

 private:
  [[nodiscard]] bool is_truncated() const;
  [[nodiscard]] bool is_replaced() const;
  bool read_some(FrameSink& sink);

  const std::string path_;
  LineSplitter lines_;
  UniqueFd fd_;
  off_t offset_ = 0;
};

}  // namespace metlog
