#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "metlog/internal/base/unique_fd.h"
#include "tools/router/input/frame.h"
#include "tools/router/input/line_splitter.h"

namespace metlog {

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
