#include "senders/file/followed_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/base/signal_block.h"
#include "metlog/internal/flush/last_trouble.h"
#include "metlog/make_sender.h"
#include "senders/file/outage.h"

namespace metlog {
namespace {

constexpr std::chrono::seconds kLookInterval{1};
constexpr std::chrono::seconds kRotationPause{10};  // after one that failed
constexpr std::chrono::seconds kLockPatience{1};    // to rotate
constexpr std::chrono::hours kUpkeepInterval{1};

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
  if (place_.rotation.needs_upkeep()) upkeep_ = std::make_unique<FileUpkeep>(place_.rotation);
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
    file_.emplace(fd_.get(), place_.path, place_.header);
    // A file from the future, because the clock was set back, is as if written now.
    const std::int64_t now = place_.utc_seconds();
    period_ = place_.rotation.period_at(
        status.st_size != 0 ? std::min<std::int64_t>(status.st_mtim.tv_sec, now) : now);
  } else {
    other_.emplace(fd_.get());
  }
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
  note_trouble(missing != 0 ? "open the file" : "write", error_);
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
  if (upkeep_ != nullptr && now >= next_upkeep_) tend(now);
  if (const std::int64_t utc_seconds = place_.utc_seconds(); utc_seconds >= period_.end) {
    const Rotated rotated = rotate(now);
    if (rotated == Rotated::kBusy) return EAGAIN;
    if (rotated == Rotated::kDone) period_ = rotation.period_at(utc_seconds);
  }
  const std::uint64_t limit = rotation.max_bytes != 0 ? rotation.max_bytes : UINT64_MAX;
  while (file_) {
    const int error = file_->append(batch, is_nameless_, limit);
    if (error != AppendedFile::kAtLimit) return error;
    const Rotated rotated = rotate(now);
    if (rotated == Rotated::kBusy) return EAGAIN;
    if (rotated == Rotated::kRefused) return file_->append(batch, is_nameless_);
  }
  return other_->write(batch);
}

FollowedFile::Rotated FollowedFile::rotate(TimePoint now) {
  if (now < next_rotation_) return Rotated::kRefused;
  struct stat before {};
  if (::fstat(fd_.get(), &before) != 0 || before.st_nlink == 0) return Rotated::kRefused;
  if (before.st_size == 0) return Rotated::kDone;
  const int error = rename(before, now);
  if (error == EAGAIN) {
    if (!locked_since_.has_value()) locked_since_ = now;
    if (now - *locked_since_ < kLockPatience) return Rotated::kBusy;
  }
  locked_since_.reset();
  if (error == 0) {
    if (upkeep_ != nullptr) tend(now);
    return Rotated::kDone;
  }
  next_rotation_ = now + kRotationPause;
  static DiagnosticLimit limit;
  const char* const reason = strerrordesc_np(error);
  diagnose_seldom(limit, "cannot rename '%s', which is to be rotated: %s; it becomes longer",
                  place_.path.c_str(), reason != nullptr ? reason : "unknown error");
  return Rotated::kRefused;
}

/// Renames the file, unless another process has done it, and opens the new one. Returns 0 or an
/// errno, EAGAIN as AppendedFile::rotate().
int FollowedFile::rename(const struct stat& before, TimePoint now) {
  const FilePlace::Directory directory = place_.open_directory();
  if (!directory.fd.is_open()) return errno;
  int error = file_->rotate(directory.fd.get(), directory.name, place_.rotation.keep);
  if (error == 0) error = follow_path(now);
  if (error != 0) return error;
  struct stat after {};
  if (::fstat(fd_.get(), &after) != 0) return errno;
  // The path leads to another file than the one that was looked for.
  return before.st_ino == after.st_ino && before.st_dev == after.st_dev ? ENOENT : 0;
}

/// Has the rotated files looked after: at the beginning, after each rotation and once an hour.
void FollowedFile::tend(TimePoint now) {
  next_upkeep_ = now + kUpkeepInterval;
  FilePlace::Directory directory = place_.open_directory();
  if (directory.fd.is_open()) upkeep_->ask(std::move(directory.fd), std::move(directory.name));
}

void FollowedFile::reopen_if_asked(TimePoint now) {
  if (reopen_count() != reopens_seen_) follow_path(now);
}

}  // namespace metlog
