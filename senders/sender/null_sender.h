#pragma once

#include "metlog/sender.h"

namespace metlog {

/// `null:` takes everything and keeps nothing: what the engine costs without a destination.
class NullSender final : public Sender {
 public:
  SendResult send(Batch& batch) override {
    batch.take_messages(batch.remaining_count());
    return SendResult::kSent;
  }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "null:"; }
};

}  // namespace metlog
