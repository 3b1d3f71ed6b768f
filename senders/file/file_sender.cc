#include "senders/file/file_sender.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/errno_status.h"
#include "metlog/internal/base/signal_block.h"
#include "metlog/make_sender.h"

namespace metlog {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kHoldMs = 2000;
constexpr std::chrono::seconds kLookInterval{1};

absl::StatusOr<std::string> path_of(const Url& url) {
  if (!url.authority.empty() && url.authority != "localhost") {
    return absl::InvalidArgumentError(
        absl::StrCat("'", url.text, "' names the host '", url.authority, "'; write file:///",
                     url.authority, url.path, " or file:", url.authority, url.path));
  }
  if (url.path.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", url.text, "' lacks a path; write file:///path or file:relative/path"));
  }
  return url.path;
}

struct FileSettings {
  std::string path;
  bool truncate;
  std::chrono::milliseconds hold;
};

absl::StatusOr<FileSettings> settings_of(const Url& url) {
  UrlOptions options(url);
  const bool truncate = options.flag("truncate");
  const std::chrono::milliseconds hold = options.milliseconds("hold_ms", kHoldMs);
  if (!options.status().ok()) return options.status();
  const absl::StatusOr<std::string> path = path_of(url);
  if (!path.ok()) return path.status();
  return FileSettings{*path, truncate, hold};
}

std::string next_step(int error, const std::string& path) {
  switch (error) {
    case ENOENT:
      return absl::StrCat("create the directory of '", path, "' first");
    case EACCES:
    case EPERM:
      return absl::StrCat("let user ", ::geteuid(), " write there, or name another file");
    case EISDIR:
      return "name a file in it";
    case ENXIO:
      return "start what reads this pipe first";
    default:
      return "name a file that can be written";
  }
}

// O_NONBLOCK: opening a named pipe without a reader fails instead of blocking.
UniqueFd open_for_appending(const std::string& path, bool truncate) {
  const int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  return UniqueFd(::open(path.c_str(), truncate ? flags | O_TRUNC : flags, 0640));
}

bool is_full(int error) { return error == ENOSPC || error == EDQUOT; }

// The number of calls of reopen_files().
std::atomic<unsigned> reopens{0};
static_assert(std::atomic<unsigned>::is_always_lock_free, "a signal handler stores it");

}  // namespace

std::string absolute_path(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.string();
}

// relaxed, here and where it is read: a counter; no data depends on it
void reopen_files() noexcept { reopens.fetch_add(1, std::memory_order_relaxed); }

absl::Status FileSender::check(const Url& url) { return settings_of(url).status(); }

absl::StatusOr<std::unique_ptr<Sender>> FileSender::open(const Url& url) {
  const absl::StatusOr<FileSettings> settings = settings_of(url);
  if (!settings.ok()) return settings.status();
  const std::string& path = settings->path;

  UniqueFd fd = open_for_appending(path, settings->truncate);
  if (!fd.is_open()) {
    const int error = errno;
    return errno_status(error, absl::StrCat("cannot open '", path, "' for appending"),
                        next_step(error, path));
  }
  return std::unique_ptr<Sender>(
      new FileSender(url.text, absolute_path(path), std::move(fd), settings->hold));
}

FileSender::FileSender(std::string url, std::string path, UniqueFd fd,
                       std::chrono::milliseconds hold)
    : url_(std::move(url)),
      path_(std::move(path)),
      outage_(hold),
      next_look_(Clock::now() + kLookInterval),
      reopens_seen_(reopens.load(std::memory_order_relaxed)) {
  use(std::move(fd));
}

void FileSender::use(UniqueFd fd) {
  fd_ = std::move(fd);
  file_.reset();
  other_.reset();
  is_nameless_ = false;
  struct stat status {};
  if (::fstat(fd_.get(), &status) == 0 && S_ISREG(status.st_mode)) {
    file_.emplace(fd_.get(), path_);
  } else {
    other_.emplace(fd_.get());
  }
}

/// Returns 0 when there is a file that others can read, else the errno that prevented it. Whether a
/// regular file was removed, append() says, which must ask the system for its size anyway.
int FileSender::look(TimePoint now) {
  // relaxed: see reopen_files()
  if (now >= next_look_ || reopens.load(std::memory_order_relaxed) != reopens_seen_) {
    return follow_path(now);
  }
  if (look_error_ != 0 || file_) return look_error_;
  struct stat status {};
  return ::fstat(fd_.get(), &status) == 0 && status.st_nlink != 0 ? 0 : follow_path(now);
}

/// Opens the path again if it no longer names the open file. Returns as look().
int FileSender::follow_path(TimePoint now) {
  reopens_seen_ = reopens.load(std::memory_order_relaxed);
  look_error_ = 0;
  next_look_ = now + kLookInterval;
  struct stat open_file {};
  const bool is_gone = ::fstat(fd_.get(), &open_file) != 0 || open_file.st_nlink == 0;
  struct stat named {};
  if (::stat(path_.c_str(), &named) == 0 && named.st_ino == open_file.st_ino &&
      named.st_dev == open_file.st_dev) {
    is_nameless_ = is_gone;
    return 0;
  }
  UniqueFd fd = open_for_appending(path_, false);
  if (fd.is_open()) {
    use(std::move(fd));
    return 0;
  }
  if (!is_gone) return 0;
  look_error_ = errno;
  next_look_ = now + Outage::kProbeInterval;
  return look_error_;
}

int FileSender::write(Batch& batch) {
  if (!file_) return other_->write(batch);
  if (batch.is_inside_message()) {
    // Its beginning was written to a pipe that is now a file: the rest alone is not a line.
    batch.lose_message(LossReason::kRefused);
  }
  return file_->append(batch, is_nameless_);
}

SendResult FileSender::send(Batch& batch) {
  const ScopedSignalBlock quiet;
  const TimePoint now = Clock::now();
  if (outage_.may_try(now)) {
    const std::size_t bytes_before = batch.remaining_bytes().size();
    int missing = look(now);
    int error = missing != 0 ? missing : write(batch);
    if (error == AppendedFile::kRemoved) {
      missing = follow_path(now);
      error = missing != 0 ? missing : write(batch);
      if (error == AppendedFile::kRemoved) error = EAGAIN;  // the new one, too
    }
    const std::size_t taken = bytes_before - batch.remaining_bytes().size();
    if (error == 0) {
      outage_.note_taken(taken, now);
      return SendResult::kSent;
    }
    if (missing == 0 && error == EAGAIN) return SendResult::kBusy;
    const bool can_end = missing != 0 || is_full(error);
    if (can_end && outage_.holds(taken, now)) return SendResult::kBusy;
  }
  batch.lose_rest(LossReason::kRefused);
  if (other_) other_->end_line();
  return SendResult::kLost;
}

std::string FileSender::lasting_url() const { return file_url(path_).text; }

bool FileSender::flush(std::chrono::nanoseconds) { return !other_ || other_->end_line() == 0; }

std::chrono::nanoseconds FileSender::idle() {
  // relaxed: see reopen_files()
  if (reopens.load(std::memory_order_relaxed) != reopens_seen_) follow_path(Clock::now());
  return std::chrono::nanoseconds::max();
}

}  // namespace metlog
