#pragma once

#include <unistd.h>

#include "metlog/sender.h"

namespace metlog {

/// `null:` takes everything and keeps nothing: it shows what the engine costs by itself.
class NullSender final : public Sender {
 public:
  SendResult send(Batch& batch) override {
    batch.take_messages(batch.remaining_count());
    return SendResult::kSent;
  }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] Handover handover() const override { return Handover::kKernel; }
  [[nodiscard]] std::string_view url() const override { return "null:"; }
};

/// `nosend:` is the placeholder where no destination is configured. It refuses every message and
/// writes for each what the reference writes to standard error, without a newline:
/// `Error sending message (NotImplementedError()): [<message>]`. What standard error does not take
/// at once is dropped.
class NoSendSender final : public Sender {
 public:
  explicit NoSendSender(int fd = STDERR_FILENO) : fd_(fd) {}

  SendResult send(Batch& batch) override;
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] bool shows_losses() const override { return true; }
  [[nodiscard]] std::string_view url() const override { return "nosend:"; }

 private:
  int fd_;
};

}  // namespace metlog
