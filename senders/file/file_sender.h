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

/// `file:///path` or `file:relative/path` appends each message as a line. Options:
///   truncate=1   empty the file first
///   hold_ms=N    how long to wait while the disk (or quota) is full, 0..3600000, default 2000;
///                after that, messages are lost as kRefused until there is space again
/// Every line is written whole or not at all, even if the disk fills up in its middle or an
/// earlier process died while writing it. flush() returns when the kernel has everything.
class FileSender final : public Sender {
 public:
  /// Creates the file (mode 0640) if it does not exist. kInvalidArgument for the URL; kNotFound,
  /// kPermissionDenied and the like carry the system's reason.
  static absl::StatusOr<std::unique_ptr<Sender>> open(const Url& url);

  SendResult send(Batch& batch) override;
  bool flush(std::chrono::nanoseconds limit) override;
  [[nodiscard]] Handover handover() const override { return Handover::kKernel; }
  [[nodiscard]] std::string_view url() const override { return url_; }

 private:
  FileSender(std::string url, UniqueFd fd, std::chrono::milliseconds hold);

  std::string url_;
  UniqueFd fd_;
  FdWriter writer_;
  RetryDeadline retry_deadline_;
};

}  // namespace metlog
