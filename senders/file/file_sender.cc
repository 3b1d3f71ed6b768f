#include "senders/file/file_sender.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/errno_status.h"
#include "metlog/internal/base/url.h"

namespace metlog {
namespace {

constexpr std::int64_t kHoldMs = 2000;

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

// True for half a line that a dead process left: one that does not grow while we look. One that
// another process is writing right now must not be ended.
bool ends_in_half_line(const std::string& path) {
  constexpr int kMaxPolls = 20;
  constexpr timespec kPollInterval{0, 2'000'000};
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  off_t last_size = -1;
  for (int poll = 0; poll < kMaxPolls && fd.is_open(); ++poll) {
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
    if (status.st_size == last_size) return true;
    char last = '\n';
    if (status.st_size == 0 || ::pread(fd.get(), &last, 1, status.st_size - 1) != 1 ||
        last == '\n') {
      return false;
    }
    last_size = status.st_size;
    ::nanosleep(&kPollInterval, nullptr);
  }
  return false;
}

bool is_transient(int error) { return error == ENOSPC || error == EDQUOT; }

}  // namespace

absl::StatusOr<std::unique_ptr<Sender>> FileSender::open(const Url& url) {
  UrlOptions options(url);
  const bool truncate = options.flag("truncate");
  const std::chrono::milliseconds hold = options.milliseconds("hold_ms", kHoldMs);
  if (!options.status().ok()) return options.status();
  const absl::StatusOr<std::string> path = path_of(url);
  if (!path.ok()) return path.status();

  // O_NONBLOCK: opening a named pipe without a reader fails instead of blocking.
  const int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  UniqueFd fd(::open(path->c_str(), truncate ? flags | O_TRUNC : flags, 0640));
  if (!fd.is_open()) {
    const int error = errno;
    return errno_status(error, absl::StrCat("cannot open '", *path, "' for appending"),
                        next_step(error, *path));
  }
  std::unique_ptr<FileSender> sender(new FileSender(url.text, std::move(fd), hold));
  if (ends_in_half_line(*path)) sender->writer_.expect_half_line();
  return std::unique_ptr<Sender>(std::move(sender));
}

FileSender::FileSender(std::string url, UniqueFd fd, std::chrono::milliseconds hold)
    : url_(std::move(url)), fd_(std::move(fd)), writer_(fd_.get()), retry_deadline_(hold) {}

SendResult FileSender::send(Batch& batch) {
  const std::size_t bytes_before = batch.remaining_bytes().size();
  const int error = writer_.write(batch);
  if (error == 0 || batch.remaining_bytes().size() < bytes_before) retry_deadline_.rearm();
  if (error == 0) return SendResult::kSent;
  if (error == EAGAIN) return SendResult::kBusy;
  if (is_transient(error) && retry_deadline_.lasts()) return SendResult::kBusy;
  batch.lose_rest(LossReason::kRefused);
  writer_.end_line();
  return SendResult::kLost;
}

bool FileSender::flush(std::chrono::nanoseconds) { return writer_.end_line() == 0; }

}  // namespace metlog
