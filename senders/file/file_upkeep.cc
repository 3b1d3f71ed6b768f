#include "senders/file/file_upkeep.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <optional>
#include <utility>
#include <vector>

#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/base/own_thread.h"
#include "metlog/internal/base/start_thread.h"
#include "metlog/internal/base/thread_place.h"
#include "senders/file/file_lock.h"
#include "senders/file/gzip.h"

namespace metlog {
namespace {

constexpr int kNice = 10;

void say_not_compressed(const std::string& name, int error) {
  static DiagnosticLimit limit;
  const char* const reason = strerrordesc_np(error);
  diagnose_seldom(limit, "cannot compress '%s': %s; it stays as it is", name.c_str(),
                  reason != nullptr ? reason : "unknown error");
}

/// Gives a file the owner, the permissions and the time of another one, as far as it may.
void make_alike(int fd, const struct stat& original) {
  const timespec times[] = {original.st_atim, original.st_mtim};
  if (::fchown(fd, original.st_uid, original.st_gid) != 0) errno = 0;
  if (::fchmod(fd, original.st_mode & 07777) != 0) errno = 0;
  if (::futimens(fd, times) != 0) errno = 0;
}

}  // namespace

FileUpkeep::~FileUpkeep() {
  stop_.store(true, std::memory_order_relaxed);  // relaxed: a switch
  if (::getpid() != owner_pid_) (void)thread_.release();
  wait();
}

void FileUpkeep::ask(UniqueFd directory, std::string name) {
  const std::lock_guard lock(mutex_);
  directory_ = std::move(directory);
  name_ = std::move(name);
  if (is_running_) return;
  wait();  // for the one before, which has ended
  is_running_ = start_thread(*thread_, "a rotated file's", [this] { run(); }).ok();
}

void FileUpkeep::wait() {
  if (thread_ != nullptr && thread_->joinable()) thread_->join();
}

void FileUpkeep::run() {
  const OwnThread mark;
  // Where a nice value is refused, it works as everything else does.
  ThreadPlace{"metlog-files", kNice, {}}.enter().IgnoreError();
  while (true) {
    std::unique_lock lock(mutex_);
    if (!directory_.is_open()) {
      is_running_ = false;
      return;
    }
    const UniqueFd directory = std::exchange(directory_, {});
    const std::string name = std::exchange(name_, {});
    lock.unlock();
    tend(directory.get(), name);
  }
}

void FileUpkeep::tend(int directory, const std::string& name) {
  RotatedFiles files(directory, name, rotation_.keep);
  if (rotation_.keep_for.count() != 0) {
    files.remove_older(std::time(nullptr) - rotation_.keep_for.count());
  }
  if (!rotation_.compresses) return;
  // The oldest first. Numbers change meanwhile, so each time anew.
  for (std::vector<int> left = files.uncompressed(); !left.empty(); left = files.uncompressed()) {
    if (!compress(directory, files, left.back())) return;
  }
}

/// Compresses one file. False when there is no use in going on: because of an error, or since
/// another process is at it.
bool FileUpkeep::compress(int directory, RotatedFiles& files, int number) {
  const UniqueFd original = files.open(number);
  struct stat status {};
  if (!original.is_open()) return errno == ENOENT;
  if (::fstat(original.get(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
  const std::string temporary = files.name() + ".gz.tmp";
  const UniqueFd to(::openat(directory, temporary.c_str(),
                             O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600));
  const FileLock lock(to.get(), 1);
  if (to.is_open() && !lock.is_held()) return false;
  struct stat ours {};
  struct stat named {};
  // Whoever had the lock before has perhaps renamed it.
  if (to.is_open() && (::fstat(to.get(), &ours) != 0 ||
                       ::fstatat(directory, temporary.c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0 ||
                       ours.st_ino != named.st_ino)) {
    return false;
  }
  std::optional<std::size_t> bytes;
  if (to.is_open() && ::ftruncate(to.get(), 0) == 0) {
    bytes = Gzip::compress(original.get(), to.get(), stop_);
  }
  const int error = errno;
  make_alike(to.get(), status);
  if (bytes.has_value() && files.replace(original.get(), temporary, *bytes)) return true;
  if (to.is_open()) ::unlinkat(directory, temporary.c_str(), 0);
  if (!bytes.has_value() && error != ECANCELED) say_not_compressed(files.name(), error);
  return false;
}

}  // namespace metlog
