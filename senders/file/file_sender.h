#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/base/url.h"
#include "metlog/sender.h"
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
  /// Creates the file (mode 0640) if it does not exist. kInvalidArgument for the URL; kNotFound,
  /// kPermissionDenied and the like carry the system's reason.
  static absl::StatusOr<std::unique_ptr<Sender>> open(const Url& url);
  /// What is wrong with the URL; touches no disk.
  static absl::Status check(const Url& url);

  SendResult send(Batch& batch) override;
  bool flush(std::chrono::nanoseconds limit) override;
  [[nodiscard]] Handover handover() const override { return Handover::kKernel; }
  std::chrono::nanoseconds idle() override;
  [[nodiscard]] std::string_view url() const override { return url_; }
  [[nodiscard]] std::string lasting_url() const override;

 private:
  FileSender(std::string url, std::string path, UniqueFd fd, std::chrono::milliseconds hold);

  const std::string url_;
  FollowedFile file_;
  Outage outage_;
};

}  // namespace metlog
