#include "tools/router/output/dead_letter_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/errno_status.h"
#include "metlog/internal/base/unique_fd.h"

namespace metlog {
namespace {

absl::Status file_fault(int error, const std::string& path) {
  return errno_status(error, absl::StrCat("dead-letter file '", path, "'"),
                      "make its directory, or name another file; until then what is lost is "
                      "counted, and not kept");
}

/// Writes all, or takes back what was written. Returns an errno.
int write_whole(int fd, std::string_view text, off_t size) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(fd, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int error = errno;
      // Half a line would make the next one unreadable.
      if (written > 0 && ::ftruncate(fd, size) != 0) return errno;
      return error;
    }
    written += static_cast<std::size_t>(count);
  }
  return 0;
}

}  // namespace

absl::Status DeadLetterFile::append(std::string_view lines) const {
  // Not blocking: a pipe that nobody reads is refused below.
  const UniqueFd file(::open(options_.path.c_str(),
                             O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                             0640));
  if (!file.is_open()) return file_fault(errno, options_.path);
  // Other outputs may write the same file; the lock ends with the descriptor.
  while (::flock(file.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return file_fault(errno, options_.path);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return file_fault(errno, options_.path);
  if (!S_ISREG(status.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat("dead-letter file '", options_.path,
                                                      "' is no regular file; name another one"));
  }
  if (static_cast<std::uint64_t>(status.st_size) + lines.size() > options_.max_bytes) {
    return absl::ResourceExhaustedError(absl::StrCat("dead-letter file '", options_.path, "' has ",
                                                     status.st_size, " of ", options_.max_bytes,
                                                     " bytes and takes no more; move it away"));
  }
  const int error = write_whole(file.get(), lines, status.st_size);
  return error == 0 ? absl::OkStatus() : file_fault(error, options_.path);
}

}  // namespace metlog
