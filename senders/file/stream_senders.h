#pragma once

#include <unistd.h>

#include <memory>
#include <ostream>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/sender.h"
#include "senders/file/fd_writer.h"

namespace metlog {

/// `stdout:` writes each message as a line to standard output, `stderr:` to standard error. Does
/// not own the descriptor. Busy while the reader takes nothing; once the reader is gone, messages
/// are lost as kRefused.
class StdoutSender final : public Sender {
 public:
  /// `fd` is STDOUT_FILENO or STDERR_FILENO. kFailedPrecondition when it is closed.
  static absl::StatusOr<std::unique_ptr<Sender>> open(int fd);

  explicit StdoutSender(int fd = STDOUT_FILENO, std::string_view url = "stdout:")
      : url_(url), writer_(fd) {}

  SendResult send(Batch& batch) override;
  bool flush(std::chrono::nanoseconds limit) override;
  [[nodiscard]] Handover handover() const override { return Handover::kKernel; }
  [[nodiscard]] std::string_view url() const override { return url_; }

 private:
  const std::string_view url_;  // a constant
  FdWriter writer_;
};

/// Writes each message as a line to a stream of the program: see make_stream_sender().
class StreamSender final : public Sender {
 public:
  explicit StreamSender(std::ostream& stream) : stream_(stream) {}

  SendResult send(Batch& batch) override;
  bool flush(std::chrono::nanoseconds limit) override;
  [[nodiscard]] std::string_view url() const override { return "stream:"; }

 private:
  bool write(std::string_view lines);

  std::ostream& stream_;
};

}  // namespace metlog
