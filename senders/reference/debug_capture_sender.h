#pragma once

#include <memory>
#include <utility>

#include "metlog/providers.h"
#include "metlog/sender.h"

namespace metlog {

/// Keeps the newest messages where a program can look at them.
class DebugCaptureSender final : public Sender {
 public:
  explicit DebugCaptureSender(std::shared_ptr<DebugCapture> capture)
      : capture_(std::move(capture)) {}

  SendResult send(Batch& batch) override {
    for (; !batch.is_done(); batch.take_messages(1)) capture_->add(batch.message(0));
    return SendResult::kSent;
  }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "capture:"; }

 private:
  const std::shared_ptr<DebugCapture> capture_;
};

}  // namespace metlog
