#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "metlog/internal/base/unique_fd.h"
#include "metlog/sender.h"
#include "senders/file/appended_file.h"
#include "senders/file/fd_writer.h"

namespace metlog {

/// When a file is renamed to NAME.1, and a new one begun.
struct FileRotation {
  /// Before a message that would make it longer; a longer message has a file to itself. 0: never.
  std::uint64_t max_bytes = 0;
  /// At the multiples of this since 1970, UTC; 24 h is midnight. 0: never.
  std::chrono::seconds interval{0};
  int keep = 7;  // files beside the one that is written, 1 or more

  [[nodiscard]] bool is_on() const { return max_bytes != 0 || interval.count() != 0; }
};

/// How a file is opened.
struct FilePlace {
  std::string path;  // absolute
  /// Opens it for appending, and makes it when it is not there. None with an errno.
  std::function<UniqueFd()> open;
  /// Opens its directory; for rotation only.
  std::function<UniqueFd()> open_directory;
  FileRotation rotation;
};

/// A file that is opened again by its path when it was moved, removed or replaced, and rotated.
/// Used by one thread.
class FollowedFile {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  enum class Result {
    kWritten,  // all messages
    kBusy,     // the rest later: a lock, a pipe
    kAway,     // the rest has no place now: the disk is full, the file is gone
    kRefused,  // the rest cannot be written there
  };

  /// `fd` may be none; the file is opened by the first write() then.
  FollowedFile(FilePlace place, UniqueFd fd);

  /// Writes the messages and moves the cursor past what the file has. Blocks SIGXFSZ itself.
  Result write(Batch& batch, TimePoint now);
  /// The errno of the last write() that did not answer kWritten.
  [[nodiscard]] int error() const { return error_; }
  /// Opens the file again if reopen_files() was called since.
  void reopen_if_asked(TimePoint now);
  /// Ends a line that was begun in a pipe. Returns 0 or an errno.
  int end_line() { return other_ ? other_->end_line() : 0; }
  /// True for a pipe or a device.
  [[nodiscard]] bool is_other() const { return other_.has_value(); }
  [[nodiscard]] const std::string& path() const { return place_.path; }

 private:
  void use(UniqueFd fd);
  int look(TimePoint now);
  int follow_path(TimePoint now);
  int append(Batch& batch, TimePoint now);
  bool rotate(TimePoint now);
  [[nodiscard]] std::int64_t period(std::int64_t utc_seconds) const;

  const FilePlace place_;
  UniqueFd fd_;
  std::optional<AppendedFile> file_;
  std::optional<FdWriter> other_;  // a pipe or a device
  TimePoint next_look_;
  TimePoint next_rotation_;  // not before, after one that failed
  int look_error_ = 0;       // of the last look, while the file is gone
  int error_ = 0;
  bool is_nameless_ = false;   // what the path names has no name of its own, such as a memfd
  std::int64_t period_ = 0;    // of the last write, with FileRotation::interval
  unsigned reopens_seen_ = 0;  // of reopen_files()
};

}  // namespace metlog
