#pragma once

#include <unistd.h>

#include "metlog/sender.h"

namespace metlog {

/// `nosend:` stands where no destination was configured. Every message is refused, and a line as
/// the reference's goes to standard error for each, without a newline:
/// `Error sending message (NotImplementedError()): [<message>]`. What standard error does not take
/// at once is cut.
class NoSendSender final : public Sender {
 public:
  explicit NoSendSender(int fd = STDERR_FILENO) : fd_(fd) {}

  SendResult send(Batch& batch) override;
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "nosend:"; }

 private:
  int fd_;
};

}  // namespace metlog
