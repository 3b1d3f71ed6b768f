#include "tools/console/standard_output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "tools/console/stop_signal.h"

namespace metlog {

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
