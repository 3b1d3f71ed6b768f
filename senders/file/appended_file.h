#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "metlog/internal/base/unique_fd.h"
#include "metlog/sender.h"

namespace metlog {

/// The end of half a line, so that a reader of plain text sees it, too. That of a dead writer which
/// ends in `}` gets the newline alone: it may be a whole message, and is not JSON otherwise.
inline constexpr std::string_view kCutMark = " [cut]";
inline constexpr std::string_view kCutLineEnd = " [cut]\n";

/// A regular file to which this process and others append messages: each ends up in it whole or not
/// at all. Does not own the descriptor. Used by one thread.
///
/// A writer holds the file's lock (flock(2)) while it looks at the last byte and writes. So it sees
/// half a line only when its writer died, and ends it by what is in the same write as its own
/// messages. A lock that is not given back, by a stopped process or another program, is waited for
/// for 100 ms, once; then the file is written without it. The kernel appends each write as a
/// whole nevertheless.
///
/// A write is four system calls: flock, fstat, writev, flock. The last byte is read, which costs
/// more than the write of a few lines, only when the file does not end where this writer's last
/// write ended. A file that others emptied and filled to that very byte is taken for unchanged.
class AppendedFile {
 public:
  /// What append() returns for a file that has no name any more. No errno.
  static constexpr int kRemoved = -1;
  /// The same for a file that has reached its limit.
  static constexpr int kAtLimit = -2;

  /// `fd` was opened with O_APPEND. Half lines are not seen in a file that may not be read. The
  /// `header` is a line, without its newline, that comes before the first message of an empty file;
  /// empty for none.
  AppendedFile(int fd, const std::string& path, const std::string& header = {});

  /// Appends all messages and moves the cursor past those that are in the file. Returns 0, or the
  /// errno that kept the rest out: EAGAIN while another process holds the lock; kRemoved, with
  /// nothing written, when the file was removed, unless it `may_be_removed`; kAtLimit when the next
  /// message would make the file longer than `max_bytes`, unless it is empty. Requires a cursor
  /// between two messages and SIGXFSZ blocked.
  int append(Batch& batch, bool may_be_removed,
             std::uint64_t max_bytes = std::numeric_limits<std::uint64_t>::max());

  /// Renames the file, which is `name` in this directory, and those that were renamed before: see
  /// RotatedFiles. Does nothing when the name has another file by now, which another process has
  /// made. Returns 0 or an errno, EAGAIN while another process holds a lock.
  int rotate(int directory, const std::string& name, int keep);

 private:
  struct Written {
    int error = 0;  // that ended it
    std::size_t bytes = 0;
    off_t begin = 0;
    bool is_in_one_piece = true;  // false when another writer appended between two writes
    [[nodiscard]] off_t end() const { return begin + static_cast<off_t>(bytes); }
  };
  struct HalfLine {
    off_t end = -1;         // of the file when it was left; -1 for none
    std::string_view rest;  // what ends it
  };

  [[nodiscard]] bool waits(std::chrono::steady_clock::duration patience);
  [[nodiscard]] std::string_view beginning(off_t size) const;
  [[nodiscard]] Written write(std::string_view first, std::string_view second) const;
  [[nodiscard]] bool take_back(const Written& written, std::size_t bytes) const;

  int fd_;
  UniqueFd reader_;
  const std::string header_;  // with its newline
  off_t known_end_ = -1;      // of the last write, if it was a whole one
  HalfLine half_line_;        // of ours, which could not be taken back
  bool is_waiting_ = false;   // for the lock, since wanted_since_
  std::chrono::steady_clock::time_point wanted_since_;
};

}  // namespace metlog
