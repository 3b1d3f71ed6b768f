#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/base/url.h"
#include "metlog/sender.h"
#include "senders/file/fd_writer.h"
#include "senders/sender/retry_deadline.h"

namespace metlog {

/// `file:///path` or `file:relative/path` appends a line a message. Options:
///   truncate=1   empty the file first
///   hold_ms=N    how long a full disk (or quota) is waited for, 0..3600000, default 2000;
///                what then still does not fit is lost as kRefused until there is room again
/// A line is there as a whole or not at all, also when the disk is full in its middle, and also
/// when the process before this one died in its middle. flush() means: the kernel has it all.
class FileSender final : public Sender {
 public:
  /// Creates the file (0640) if need be. kInvalidArgument for the URL; kNotFound,
  /// kPermissionDenied and the like carry the system's reason.
  static absl::StatusOr<std::unique_ptr<Sender>> open(const Url& url);

  SendResult send(Batch& batch) override;
  bool flush(std::chrono::nanoseconds limit) override;
  [[nodiscard]] std::string_view url() const override { return url_; }

 private:
  FileSender(std::string url, UniqueFd fd, std::chrono::milliseconds hold);

  std::string url_;
  UniqueFd fd_;
  FdWriter writer_;
  RetryDeadline retry_deadline_;
};

}  // namespace metlog
