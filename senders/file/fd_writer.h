#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string_view>

#include "metlog/sender.h"

namespace metlog {

/// Writes batches to a descriptor so that no line is ever joined to half of another: a line that
/// was begun is completed, taken back, or ended with kCutLineEnd. A closed pipe or a file at its
/// size limit is returned as an error and never raises a signal. Does not own the descriptor.
///
/// A file takes a batch in one write(2). Pipes, terminals and sockets get what they take without
/// waiting, in pieces of whole messages of up to PIPE_BUF bytes, so that other writers of the same
/// pipe do not cut them; a longer message is written in several pieces.
class FdWriter {
 public:
  explicit FdWriter(int fd);

  /// Returns 0 once the batch is done, else the errno that ended it: EAGAIN when the descriptor
  /// takes no more for now. Moves the cursor past what was written.
  int write(Batch& batch);
  /// Ends a line that was begun and will not be continued. Returns 0 or the errno that prevented
  /// it; then the next write() tries again first.
  int end_line();

 private:
  int write_some(std::string_view bytes, std::size_t& written);
  void note_half_line(const Batch& batch);
  [[nodiscard]] bool take_back_half_line();

  int fd_;
  bool is_file_;
  std::size_t half_line_bytes_ = 0;  // of the line begun and not ended
  off_t half_line_end_ = 0;          // where it ends in the file
  std::string_view line_end_;        // still to be written: half a line cannot be taken back
};

}  // namespace metlog
