#pragma once

#include <cstddef>
#include <cstdio>
#include <optional>
#include <string_view>

namespace metlog {

/// True when the stream is a terminal that can rewrite what it shows (TERM is not dumb).
bool can_redraw(std::FILE* stream);

/// True when the stream is such a terminal and NO_COLOR is unset or empty.
bool wants_colours(std::FILE* stream);

/// False when the stream is the terminal of this process and another program has it: after a
/// shell's
/// `&`, for instance, or Ctrl-Z and `bg`.
bool is_in_foreground(std::FILE* stream);

/// The size of a terminal in characters.
struct TerminalSize {
  std::size_t columns;
  std::size_t rows;
};

/// Empty when the stream is not a terminal, or one that does not know its size.
std::optional<TerminalSize> terminal_size(std::FILE* stream);
/// False while a pipe or terminal takes nothing, because it is not read: writing would wait.
bool can_write_now(std::FILE* stream);

/// Progress on a stream. On a terminal each show() replaces what the last one showed, be it a line
/// or a table; elsewhere each adds its lines below. While another program has the terminal nothing
/// is shown, since what it prints would be erased. Used by one thread.
class ProgressLine {
 public:
  enum class Mode { kQuiet, kAppend, kRewrite };

  /// kRewrite when the stream is a terminal that can redraw, else kAppend.
  static Mode mode_for(std::FILE* stream);

  ProgressLine(std::FILE* stream, Mode mode) : stream_(stream), mode_(mode) {}
  /// Erases a line that is still open, so that what follows begins on an empty one.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  [[nodiscard]] Mode mode() const { return mode_; }
  /// Shows one line, or several that each end in a newline. Does nothing when quiet, nor while
  /// the stream is not read.
  void show(std::string_view text);
  /// Writes text that stays, in every mode; the next show() begins below it.
  void write(std::string_view text);

 private:
  std::FILE* const stream_;
  const Mode mode_;
  std::size_t shown_lines_ = 0;  // complete ones, above the cursor
  bool is_open_ = false;         // the cursor is at the end of a shown line
};

/// The process's standard output, which may be a pipe whose reader goes away. Used by one thread.
class StandardOutput {
 public:
  /// Writes all of it; after a failure does nothing.
  void write(std::string_view bytes);
  /// Returns 0, or the errno of the first failure: EPIPE when the reader went away.
  [[nodiscard]] int error() const { return error_; }
  /// Waits for that time, less when a signal arrives or the reader goes away (error() is then set).
  void wait(int milliseconds);

 private:
  int error_ = 0;
};

/// Writes the text to the standard output and returns the exit code: kExitDone, also when the
/// reader went away, else kExitLost, which it reports with the name of the program.
[[nodiscard]] int print(std::string_view text, std::string_view program = "metlog");

}  // namespace metlog
