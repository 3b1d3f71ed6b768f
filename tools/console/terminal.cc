#include "tools/console/terminal.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

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

}  // namespace metlog
