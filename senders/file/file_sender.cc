#include "senders/file/file_sender.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/errno_status.h"

namespace metlog {
namespace {

using Clock = std::chrono::steady_clock;

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

}  // namespace

std::string absolute_path(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.string();
}

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
      file_({path, [path] { return open_for_appending(path, false); }, {}, {}}, std::move(fd)),
      outage_(hold) {}

SendResult FileSender::send(Batch& batch) {
  const Clock::time_point now = Clock::now();
  if (outage_.may_try(now)) {
    const std::size_t bytes_before = batch.remaining_bytes().size();
    const FollowedFile::Result result = file_.write(batch, now);
    const std::size_t taken = bytes_before - batch.remaining_bytes().size();
    if (result == FollowedFile::Result::kWritten) {
      outage_.note_taken(taken, now);
      return SendResult::kSent;
    }
    if (result == FollowedFile::Result::kBusy) return SendResult::kBusy;
    if (result == FollowedFile::Result::kAway && outage_.holds(taken, now)) {
      return SendResult::kBusy;
    }
  }
  batch.lose_rest(LossReason::kRefused);
  file_.end_line();
  return SendResult::kLost;
}

std::string FileSender::lasting_url() const { return file_url(file_.path()).text; }

bool FileSender::flush(std::chrono::nanoseconds) { return file_.end_line() == 0; }

std::chrono::nanoseconds FileSender::idle() {
  file_.reopen_if_asked(Clock::now());
  return std::chrono::nanoseconds::max();
}

}  // namespace metlog
