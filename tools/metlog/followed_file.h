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

/// Splits a stream of bytes into lines. A line longer than the limit is cut; Frame::sent_bytes has
/// its full length. Used by one thread.
class LineSplitter {
 public:
  explicit LineSplitter(std::size_t max_line_bytes) : max_line_bytes_(max_line_bytes) {}

  /// Passes each line that the bytes complete to the sink, without its newline.
  void add(std::string_view bytes, FrameSink& sink);
  /// Ends the stream: passes a last line without a newline, unless it is empty.
  void finish(FrameSink& sink);
  /// Discards an incomplete line.
  void clear() { kept_ = line_bytes_ = 0; }

 private:
  void append(std::string_view bytes);
  void pass_line(FrameSink& sink);

  const std::size_t max_line_bytes_;
  std::vector<char> line_ = std::vector<char>(kFramePadding);
  std::size_t kept_ = 0;
  std::size_t line_bytes_ = 0;
};

/// Reads the lines that are added to a file, also after it is replaced (rotated) or truncated.
/// Lines that are written to the old file after the new one was seen are not read. Used by one
/// thread.
class FollowedFile {
 public:
  FollowedFile(std::string path, std::size_t max_line_bytes);

  /// Opens the file at the beginning of its last `line_count` lines. kNotFound when it does not
  /// exist (yet), kInvalidArgument when it is not a regular file, else kUnavailable.
  absl::Status open(std::uint64_t line_count);
  /// Passes some of the new lines to the sink; false when there are none at the moment. Opens the
  /// file if it did not exist before.
  bool poll(FrameSink& sink);
  /// Passes a last line that has no newline.
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
