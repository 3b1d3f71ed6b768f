#include "tools/console/terminal.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>

#include "tools/console/report.h"
#include "tools/console/stop_signal.h"

namespace metlog {
namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool is_dumb_terminal() {
  const char* value = std::getenv("TERM");
  return value == nullptr || std::string_view(value) == "dumb";
}

}  // namespace

bool can_redraw(std::FILE* stream) { return isatty(fileno(stream)) != 0 && !is_dumb_terminal(); }

bool wants_colours(std::FILE* stream) { return can_redraw(stream) && !is_set("NO_COLOR"); }

bool is_in_foreground(std::FILE* stream) {
  const pid_t group = tcgetpgrp(fileno(stream));  // -1 for what is not our controlling terminal
  return group < 0 || group == getpgrp();
}

std::optional<TerminalSize> terminal_size(std::FILE* stream) {
  winsize window{};
  if (ioctl(fileno(stream), TIOCGWINSZ, &window) != 0 || window.ws_col == 0) return std::nullopt;
  return TerminalSize{window.ws_col, window.ws_row};
}

bool can_write_now(std::FILE* stream) {
  pollfd output{fileno(stream), POLLOUT, 0};
  return poll(&output, 1, 0) != 0;
}

namespace {

void write_now(std::FILE* stream, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

}  // namespace

ProgressLine::Mode ProgressLine::mode_for(std::FILE* stream) {
  return can_redraw(stream) ? Mode::kRewrite : Mode::kAppend;
}

ProgressLine::~ProgressLine() {
  if (is_open_) write_now(stream_, "\r\x1b[K");
}

void ProgressLine::show(std::string_view text) {
  if (mode_ == Mode::kQuiet || !can_write_now(stream_)) return;
  if (mode_ == Mode::kRewrite && !is_in_foreground(stream_)) {
    // What is above the cursor when we are back is another program's.
    shown_lines_ = 0;
    is_open_ = false;
    return;
  }
  const bool ends_line = text.ends_with('\n');
  std::string out;
  if (mode_ == Mode::kAppend) {
    out.append(text).append(ends_line ? "" : "\n");
  } else {
    // A line is written over and then cleared to its end, so that it does not flicker.
    if (is_open_) out += '\r';
    if (shown_lines_ > 0) out += fmt::format("\x1b[{}A\x1b[J", shown_lines_);
    out.append(text).append(ends_line ? "" : "\x1b[K");
    shown_lines_ = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    is_open_ = !ends_line;
  }
  write_now(stream_, out);
}

void ProgressLine::write(std::string_view text) {
  write_now(stream_, text);
  shown_lines_ = 0;
  is_open_ = false;
}

void StandardOutput::write(std::string_view bytes) {
  while (error_ == 0 && !bytes.empty()) {
    const ssize_t count = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      wait(100);
    } else if (errno != EINTR) {
      error_ = errno;
    }
    if (count < 0 && stop_requested()) return;
  }
}

void StandardOutput::wait(int milliseconds) {
  pollfd output{STDOUT_FILENO, 0, 0};
  if (poll(&output, 1, milliseconds) == 1 && (output.revents & POLLERR) != 0) error_ = EPIPE;
}

int print(std::string_view text, std::string_view program) {
  StandardOutput output;
  output.write(text);
  if (output.error() == 0 || output.error() == EPIPE) return kExitDone;
  report(fmt::format("cannot write the standard output: {}",
                     std::generic_category().message(output.error())),
         program);
  return kExitLost;
}

}  // namespace metlog
