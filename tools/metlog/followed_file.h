#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "metlog/internal/base/unique_fd.h"
#include "tools/metlog/line_splitter.h"
#include "tools/router/input/frame.h"

namespace metlog {

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
