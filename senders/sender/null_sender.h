#pragma once

#include <unistd.h>

#include <string>
#include <utility>

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
  [[nodiscard]] std::string_view url() const override { return "null:"; }
};

/// `nosend:` is the placeholder where no destination is configured. It refuses every message and
/// writes for each what the reference writes to standard error, without a newline:
/// `Error sending message (NotImplementedError()): [<message>]`. What standard error does not take
/// at once is dropped. `next_step`, if it is not empty, follows the first of them on a line of its
/// own.
class NoSendSender final : public Sender {
 public:
  explicit NoSendSender(int fd = STDERR_FILENO, std::string next_step = {})
      : fd_(fd), next_step_(std::move(next_step)) {}

  SendResult send(Batch& batch) override;
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] bool shows_losses() const override { return true; }
  [[nodiscard]] std::string_view url() const override { return "nosend:"; }

 private:
  int fd_;
  std::string next_step_;  // emptied once written
};

}  // namespace metlog
