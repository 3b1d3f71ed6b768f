#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/metlog.h"
#include "senders/sender/capture_sender.h"
#include "tests/support/messages.h"

namespace metlog {

inline Engine::Parts parts(Engine::Threads threads = Engine::Threads::kNone) {
  Engine::Parts parts;
  parts.threads = threads;
  parts.options.session_directory = "none";
  return parts;
}

/// Takes nothing before it is opened.
class ShutSender final : public Sender {
 public:
  explicit ShutSender(const std::atomic<bool>& is_open) : is_open_(is_open) {}
  SendResult send(Batch& batch) override {
    if (!is_open_) return SendResult::kBusy;
    batch.take_messages(batch.remaining_count());
    return SendResult::kSent;
  }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "shut:"; }

 private:
  const std::atomic<bool>& is_open_;
};

/// Destinations that the test can look into.
class SeveralDestinations : public testing::Test {
 protected:
  ClientOutput capture() {
    captures_.push_back(std::make_shared<Capture>());
    return ClientOutput([capture = captures_.back()] {
      return absl::StatusOr<std::unique_ptr<Sender>>(std::make_unique<CaptureSender>(capture));
    });
  }
  ClientOutput capture(Severity level) {
    ClientOutput output = capture();
    output.level = level;
    return output;
  }
  static ClientOutput shut(const std::atomic<bool>& is_open) {
    ClientOutput output([&is_open] {
      return absl::StatusOr<std::unique_ptr<Sender>>(std::make_unique<ShutSender>(is_open));
    });
    output.batch_bytes = 1;
    output.batch_count = 2;
    return output;
  }
  [[nodiscard]] std::vector<std::string> payloads(std::size_t capture) const {
    std::vector<std::string> payloads;
    for (const std::string& message : captures_[capture]->messages()) {
      if (!is_loss(message)) payloads.push_back(payload_of(message));
    }
    return payloads;
  }
  /// Of each destination: emitted = delivered + counted losses + filtered.
  static void expect_conservation(const Client& client, std::uint64_t emitted) {
    expect_conservation_of_current(client, emitted);
    EXPECT_EQ(client.stats().emitted, emitted * client.outputs().size());
  }
  /// The same where stats() has removed ones, too.
  static void expect_conservation_of_current(const Client& client, std::uint64_t emitted) {
    for (const ClientOutputStats& output : client.outputs()) {
      EXPECT_EQ(output.ledger.emitted, emitted) << output.url;
      EXPECT_EQ(output.ledger.unexplained(), 0) << output.url;
      EXPECT_EQ(output.ledger.pending, 0U) << output.url;
    }
  }

  std::vector<std::shared_ptr<Capture>> captures_;
};

}  // namespace metlog
