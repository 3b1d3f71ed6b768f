#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string_view>

#include "metlog/batch.h"

namespace metlog {

/// Writes batches to a descriptor so that no line is ever glued to half of another: a line that
/// was begun is completed, taken back, or ended with a newline. A closed pipe or a file at its
/// size limit is an error to return, never a signal to die of. Does not own the descriptor.
///
/// Files take all in one write(2). Pipes, terminals and sockets are given what they take without
/// waiting, in whole messages of together at most PIPE_BUF bytes where they are that short, so
/// that what others write to the same pipe does not cut them.
class FdWriter {
 public:
  explicit FdWriter(int fd);

  /// 0 once the batch is done, else the errno that ended it; EAGAIN when the descriptor takes
  /// no more for now. The cursor stands behind what was written.
  int write(Batch& batch);
  /// The line that was begun will not be continued: leaves the file at the end of a line. 0 or
  /// the errno that kept it from that; then the next write() tries again first.
  int end_line();
  /// The file ends in half a line of somebody else, to be ended before anything is written.
  void expect_half_line() { needs_newline_ = true; }

 private:
  int write_some(std::string_view bytes, std::size_t& written);
  void note_half_line(const Batch& batch);
  [[nodiscard]] bool take_back_half_line();

  int fd_;
  bool is_file_;
  std::size_t half_line_bytes_ = 0;  // of the line begun and not ended
  off_t half_line_end_ = 0;          // where it ends in the file
  bool needs_newline_ = false;       // half a line stands there for good
};

}  // namespace metlog
