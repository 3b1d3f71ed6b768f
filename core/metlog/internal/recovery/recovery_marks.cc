#include "metlog/internal/recovery/recovery_marks.h"

#include <fcntl.h>
#include <unistd.h>

#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/session/session.h"

namespace metlog {
namespace {

constexpr off_t kAttemptsOffset = 4080;
constexpr off_t kPurgedOffset = 4088;
static_assert(sizeof(SessionHeader) <= kAttemptsOffset);

/// 0 where there is nothing.
template <class T>
T read_at(int fd, off_t offset) {
  T value = 0;
  return ::pread(fd, &value, sizeof value, offset) == sizeof value ? value : 0;
}

template <class T>
void write_at(int fd, off_t offset, T value) {
  (void)!::pwrite(fd, &value, sizeof value, offset);
}

}  // namespace

std::uint64_t purged_mark(int session_fd) {
  return read_at<std::uint64_t>(session_fd, kPurgedOffset);
}

void set_purged_mark(int session_fd, std::uint64_t count) {
  write_at(session_fd, kPurgedOffset, count);
}

std::uint32_t begin_attempt(int parent_fd, const std::string& session, std::uint32_t most) {
  const std::string path = session + "/session";
  const UniqueFd fd(
      ::openat(parent_fd, path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd.is_open()) return 0;
  const auto before = read_at<std::uint32_t>(fd.get(), kAttemptsOffset);
  if (before < most) write_at(fd.get(), kAttemptsOffset, before + 1);
  return before;
}

void end_attempt(int session_fd) { write_at(session_fd, kAttemptsOffset, std::uint32_t{0}); }

}  // namespace metlog
