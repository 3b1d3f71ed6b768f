#pragma once

#include <cstdio>
#include <string_view>

namespace metlog {

/// Whether the stream is a terminal that can rewrite what stands there (TERM is not dumb).
bool can_redraw(std::FILE* stream);

/// Whether the stream is such a terminal, and NO_COLOR is not set to anything.
bool wants_colours(std::FILE* stream);

/// The process's standard output, when it may be a pipe whose reader goes away. Used by one thread.
class StandardOutput {
 public:
  /// Writes all of it; after a failure does nothing.
  void write(std::string_view bytes);
  /// 0, or the errno that ended it: EPIPE when the reader went away.
  [[nodiscard]] int error() const { return error_; }
  /// Waits for so long, less when the reader goes away (error() then says so) or a signal arrives.
  void wait(int milliseconds);

 private:
  int error_ = 0;
};

}  // namespace metlog
