#include "senders/file/followed_file.h"

#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <ctime>

#include "metlog/internal/base/signal_block.h"
#include "metlog/make_sender.h"
#include "senders/file/outage.h"

namespace metlog {
namespace {

constexpr std::chrono::seconds kLookInterval{1};
constexpr std::chrono::seconds kRotationPause{10};  // after one that failed

bool is_full(int error) { return error == ENOSPC || error == EDQUOT; }

// The number of calls of reopen_files().
std::atomic<unsigned> reopens{0};
static_assert(std::atomic<unsigned>::is_always_lock_free, "a signal handler stores it");

// relaxed, here and in reopen_files(): a counter; no data depends on it
unsigned reopen_count() { return reopens.load(std::memory_order_relaxed); }

}  // namespace

void reopen_files() noexcept { reopens.fetch_add(1, std::memory_order_relaxed); }

FollowedFile::FollowedFile(FilePlace place, UniqueFd fd)
    : place_(std::move(place)), reopens_seen_(reopen_count()) {
  if (!fd.is_open()) return;
  next_look_ = std::chrono::steady_clock::now() + kLookInterval;
  use(std::move(fd));
}

void FollowedFile::use(UniqueFd fd) {
  fd_ = std::move(fd);
  file_.reset();
  other_.reset();
  is_nameless_ = false;
  struct stat status {};
  if (::fstat(fd_.get(), &status) == 0 && S_ISREG(status.st_mode)) {
    file_.emplace(fd_.get(), place_.path);
    period_ = period(status.st_size != 0 ? status.st_mtim.tv_sec : std::time(nullptr));
  } else {
    other_.emplace(fd_.get());
  }
}

std::int64_t FollowedFile::period(std::int64_t utc_seconds) const {
  const std::int64_t interval = place_.rotation.interval.count();
  return interval == 0 ? 0 : utc_seconds / interval;
}

/// Returns 0 when there is a file that others can read, else the errno that prevented it. Whether a
/// regular file was removed, append() says, which must ask the system for its size anyway.
int FollowedFile::look(TimePoint now) {
  if (now >= next_look_ || reopen_count() != reopens_seen_) return follow_path(now);
  if (look_error_ != 0 || file_) return look_error_;
  struct stat status {};
  return ::fstat(fd_.get(), &status) == 0 && status.st_nlink != 0 ? 0 : follow_path(now);
}

/// Opens the path again if it no longer names the open file. Returns as look().
int FollowedFile::follow_path(TimePoint now) {
  reopens_seen_ = reopen_count();
  look_error_ = 0;
  next_look_ = now + kLookInterval;
  struct stat open_file {};
  const bool is_gone = ::fstat(fd_.get(), &open_file) != 0 || open_file.st_nlink == 0;
  struct stat named {};
  if (::stat(place_.path.c_str(), &named) == 0 && named.st_ino == open_file.st_ino &&
      named.st_dev == open_file.st_dev) {
    is_nameless_ = is_gone;
    return 0;
  }
  UniqueFd fd = place_.open();
  if (fd.is_open()) {
    use(std::move(fd));
    return 0;
  }
  if (!is_gone) return 0;
  look_error_ = errno;
  next_look_ = now + Outage::kProbeInterval;
  return look_error_;
}

FollowedFile::Result FollowedFile::write(Batch& batch, TimePoint now) {
  const ScopedSignalBlock quiet;
  int missing = look(now);
  error_ = missing != 0 ? missing : append(batch, now);
  if (error_ == AppendedFile::kRemoved) {
    missing = follow_path(now);
    error_ = missing != 0 ? missing : append(batch, now);
    if (error_ == AppendedFile::kRemoved) error_ = EAGAIN;  // the new one, too
  }
  if (error_ == 0) return Result::kWritten;
  if (missing == 0 && error_ == EAGAIN) return Result::kBusy;
  return missing != 0 || is_full(error_) ? Result::kAway : Result::kRefused;
}

/// Appends the batch to the file, and to the next ones when it has to be rotated.
int FollowedFile::append(Batch& batch, TimePoint now) {
  if (!file_) return other_->write(batch);
  if (batch.is_inside_message()) {
    // Its beginning was written to a pipe that is now a file: the rest alone is not a line.
    batch.lose_message(LossReason::kRefused);
  }
  const FileRotation& rotation = place_.rotation;
  if (!rotation.is_on()) return file_->append(batch, is_nameless_);
  const std::int64_t this_period = period(std::time(nullptr));
  if (this_period != period_ && rotate(now)) period_ = this_period;
  const std::uint64_t limit = rotation.max_bytes != 0 ? rotation.max_bytes : UINT64_MAX;
  while (true) {
    const int error = file_->append(batch, is_nameless_, limit);
    if (error != AppendedFile::kAtLimit) return error;
    if (!rotate(now)) return file_->append(batch, is_nameless_);
    if (!file_) return other_->write(batch);
  }
}

/// True when there is a new file, or nothing to do. A file that cannot be rotated becomes too long;
/// nothing is lost.
bool FollowedFile::rotate(TimePoint now) {
  if (now < next_rotation_) return false;
  next_rotation_ = now + kRotationPause;
  struct stat before {};
  struct stat after {};
  if (::fstat(fd_.get(), &before) != 0 || before.st_nlink == 0) return false;
  if (before.st_size != 0) {
    const UniqueFd directory = place_.open_directory();
    const std::string name = place_.path.substr(place_.path.rfind('/') + 1);
    if (!directory.is_open() || file_->rotate(directory.get(), name, place_.rotation.keep) != 0 ||
        follow_path(now) != 0 || ::fstat(fd_.get(), &after) != 0 ||
        (before.st_ino == after.st_ino && before.st_dev == after.st_dev)) {
      return false;
    }
  }
  next_rotation_ = {};
  return true;
}

void FollowedFile::reopen_if_asked(TimePoint now) {
  if (reopen_count() != reopens_seen_) follow_path(now);
}

}  // namespace metlog
