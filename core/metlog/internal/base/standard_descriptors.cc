#include "metlog/internal/base/standard_descriptors.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace metlog {

void keep_standard_descriptors() {
  const int error = errno;
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    // O_PATH: a descriptor that can be neither read nor written. Those below are open, so it gets
    // this number, unless another thread was faster; then the number is taken as well.
    const int filled = ::open("/", O_PATH | O_CLOEXEC);
    if (filled > STDERR_FILENO) ::close(filled);
  }
  errno = error;
}

bool is_usable_descriptor(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  return flags >= 0 && (flags & O_PATH) == 0;
}

}  // namespace metlog
