#include "senders/file/file_sender.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/errno_status.h"
#include "senders/file/file_settings.h"
#include "senders/file/gzip.h"

namespace metlog {
namespace {

using Clock = std::chrono::steady_clock;

constexpr mode_t kDirectoryMode = 0750;

std::string next_step(int error, const std::string& path) {
  switch (error) {
    case ENOENT:
      return absl::StrCat("create the directory of '", path,
                          "' first, or add create_directories=1");
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
UniqueFd open_for_appending(const FileSettings& settings, bool truncate) {
  const int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  const auto open = [&] {
    return UniqueFd(
        ::open(settings.path.c_str(), truncate ? flags | O_TRUNC : flags, settings.mode));
  };
  UniqueFd fd = open();
  if (!fd.is_open() && errno == ENOENT && settings.creates_directories &&
      make_directories(settings.path.substr(0, settings.path.rfind('/')), kDirectoryMode)) {
    fd = open();
  }
  return fd;
}

/// Where the file is to which a path leads, perhaps by symbolic links. It may be missing for a
/// moment, while another one of its writers rotates it.
FilePlace::Directory open_directory_of(const std::string& path) {
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::weakly_canonical(path, error);
  if (error) {
    errno = error.value();
    return {};
  }
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  return {UniqueFd(::open(whole.parent_path().c_str(), kFlags)), whole.filename().string()};
}

FilePlace place_of(const FileSettings& settings) {
  return {.path = settings.path,
          .open = [settings] { return open_for_appending(settings, false); },
          .open_directory = [path = settings.path] { return open_directory_of(path); },
          .rotation = settings.rotation,
          .header = settings.header};
}

}  // namespace

std::string absolute_path(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.string();
}

absl::Status FileSender::check(const Url& url) { return FileSettings::read(url).status(); }

absl::StatusOr<std::unique_ptr<Sender>> FileSender::open(const Url& url) {
  absl::StatusOr<FileSettings> settings = FileSettings::read(url);
  if (!settings.ok()) return settings.status();
  if (settings->rotation.compresses) {
    if (absl::Status status = Gzip::check(); !status.ok()) return status;
  }
  const std::string named = std::exchange(settings->path, absolute_path(settings->path));
  UniqueFd fd = open_for_appending(*settings, settings->truncate);
  if (!fd.is_open()) {
    const int error = errno;
    return errno_status(error, absl::StrCat("cannot open '", named, "' for appending"),
                        next_step(error, named));
  }
  return std::unique_ptr<Sender>(new FileSender(url.text, *settings, std::move(fd)));
}

FileSender::FileSender(std::string url, const FileSettings& settings, UniqueFd fd)
    : url_(std::move(url)),
      lasting_url_(with_options(file_url(settings.path), settings.lasting).text),
      hold_bytes_(settings.hold_bytes),
      file_(place_of(settings), std::move(fd)),
      outage_(settings.hold) {}

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

bool FileSender::flush(std::chrono::nanoseconds) { return file_.end_line() == 0; }

std::chrono::nanoseconds FileSender::idle() {
  file_.reopen_if_asked(Clock::now());
  return std::chrono::nanoseconds::max();
}

}  // namespace metlog
