#pragma once

#include <sys/file.h>
#include <time.h>

#include <cerrno>

namespace metlog {

/// The lock (flock(2)) of an open file or directory while it lives, if it is free within so many
/// tries, 0.1 ms apart. Some file systems have none: then it is not held, and free nevertheless.
class FileLock {
 public:
  FileLock(int fd, int tries) : fd_(fd) {
    constexpr timespec kNap{0, 100'000};
    for (int i = 0; i < tries; ++i) {
      if (i != 0) ::nanosleep(&kNap, nullptr);
      is_held_ = ::flock(fd, LOCK_EX | LOCK_NB) == 0;
      is_refused_ = !is_held_ && (errno == EWOULDBLOCK || errno == EINTR);
      if (!is_refused_) return;
    }
  }
  ~FileLock() {
    if (is_held_) ::flock(fd_, LOCK_UN);
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  /// True unless somebody else holds it.
  [[nodiscard]] bool is_free() const { return !is_refused_; }
  [[nodiscard]] bool is_held() const { return is_held_; }

 private:
  int fd_;
  bool is_held_ = false;
  bool is_refused_ = false;
};

}  // namespace metlog
