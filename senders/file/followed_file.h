#pragma once

#include <sys/stat.h>

#include <chrono>
#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "metlog/internal/base/unique_fd.h"
#include "metlog/sender.h"
#include "senders/file/appended_file.h"
#include "senders/file/fd_writer.h"
#include "senders/file/file_rotation.h"
#include "senders/file/file_upkeep.h"

namespace metlog {

/// How a file is opened.
struct FilePlace {
  std::string path;  // absolute
  /// Opens it for appending, and makes it when it is not there. None with an errno.
  std::function<UniqueFd()> open;
  struct Directory {
    UniqueFd fd;
    std::string name;  // of the file in it
  };
  /// Opens the directory of the file and of its rotated ones; for rotation only. None with an
  /// errno.
  std::function<Directory()> open_directory;
  FileRotation rotation;
  std::string header;  // the first line of a file, without its newline; empty for none
  /// What the clock says, in UTC seconds.
  std::function<std::int64_t()> utc_seconds = [] { return std::time(nullptr); };
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
  enum class Rotated {
    kDone,     // there is a new file, or nothing to do
    kBusy,     // another process holds the lock
    kRefused,  // and not tried again for a while: the file becomes too long
  };
  Rotated rotate(TimePoint now);
  [[nodiscard]] int rename(const struct stat& before, TimePoint now);
  void tend(TimePoint now);

  const FilePlace place_;
  UniqueFd fd_;
  std::optional<AppendedFile> file_;
  std::optional<FdWriter> other_;  // a pipe or a device
  TimePoint next_look_;
  TimePoint next_rotation_;                // not before, after one that failed
  std::optional<TimePoint> locked_since_;  // while a rotation waits for a lock
  std::unique_ptr<FileUpkeep> upkeep_;     // none where nothing is to be done
  TimePoint next_upkeep_;
  int look_error_ = 0;  // of the last look, while the file is gone
  int error_ = 0;
  bool is_nameless_ = false;     // what the path names has no name of its own, such as a memfd
  FileRotation::Period period_;  // of what is in the file
  unsigned reopens_seen_ = 0;    // of reopen_files()
};

}  // namespace metlog
