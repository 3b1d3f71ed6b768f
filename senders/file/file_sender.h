#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/base/url.h"
#include "metlog/sender.h"
#include "senders/file/file_settings.h"
#include "senders/file/followed_file.h"
#include "senders/file/outage.h"

namespace metlog {

/// The path from the root on. What is opened again later, by a forked child too, must be the same
/// file although the program has changed its directory.
std::string absolute_path(const std::string& path);

/// `file:///path` or `file:relative/path` appends each message as a line. Options:
///   truncate=1   empty the file first; not when it is opened again, by a forked child neither
///   hold_ms=N    how long to wait while the disk (or quota) is full, 0..3600000, default 2000;
///                after that, messages are lost as kRefused until there is space again: see Outage
///   hold_bytes=64M     so many bytes wait for as long as the disk is full, and only more are lost;
///                      or calls wait, as the client's when_full says. Instead of hold_ms
///   rotate_size=100M   before the file becomes longer it is renamed to NAME.1, that one to NAME.2,
///                      and so on; from 4K. A longer message has a file to itself
///   rotate_every=1h    the same at the multiples of this since 1970, UTC
///   rotate_at=03:00    the same once a day, when local clocks show this
///   rotate_keep=N      renamed files, 1..1000, default 7; the oldest is deleted
///   rotate_keep_for=7d     removes renamed files that were not written for so long; from 1h
///   rotate_compress=gzip   compresses them, but for NAME.1, to NAME.2.gz and so on: see FileUpkeep
///   mode=640           permissions of a new file, less the umask
///   create_directories=1   makes the directory, and those above it, where they are missing, also
///                          when they were removed; mode 0750, less the umask
///   header=TEXT        the first line of each file that has none
/// Every line is written whole or not at all, even if the disk fills up in its middle; the half
/// line of a process that died while writing is ended and marked: see AppendedFile. flush() returns
/// when the kernel has everything.
///
/// A file that was moved, removed or replaced is opened again by its path:
///   - moved: within a second of the next message, or of reopen_files(). Until then, and while the
///     path cannot be opened, messages go to where the file was moved.
///   - removed: before the next message. While the path cannot be opened messages wait, and are
///     then lost, as when the disk is full: they could not be read.
///   - emptied (copytruncate): nothing to do, each message is written where the file ends then.
class FileSender final : public Sender {
 public:
  /// Creates the file if it does not exist. kInvalidArgument for the URL; kNotFound,
  /// kPermissionDenied and the like carry the system's reason.
  static absl::StatusOr<std::unique_ptr<Sender>> open(const Url& url);
  /// What is wrong with the URL; touches no disk.
  static absl::Status check(const Url& url);

  SendResult send(Batch& batch) override;
  bool flush(std::chrono::nanoseconds limit) override;
  [[nodiscard]] Handover handover() const override { return Handover::kKernel; }
  std::chrono::nanoseconds idle() override;
  [[nodiscard]] std::size_t hold_bytes() const override { return hold_bytes_; }
  [[nodiscard]] std::string_view url() const override { return url_; }
  [[nodiscard]] std::string lasting_url() const override { return lasting_url_; }

 private:
  FileSender(std::string url, const FileSettings& settings, UniqueFd fd);

  const std::string url_;
  const std::string lasting_url_;
  const std::size_t hold_bytes_;
  FollowedFile file_;
  Outage outage_;
};

}  // namespace metlog
