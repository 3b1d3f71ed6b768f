#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "metlog/sender.h"

namespace metlog {

/// The messages that a CaptureSender received and the answers that it gives: the part that a test
/// keeps while the engine owns the sender. Any thread. Keeps every message, so for tests only.
///
///   auto capture = std::make_shared<Capture>();
///   ... std::make_unique<CaptureSender>(capture) ...
///   capture->script({Capture::busy(), Capture::busy(), Capture::sent()});
class Capture {
 public:
  /// One answer to send(): takes up to `take` messages, then returns `result`.
  struct Answer {
    SendResult result = SendResult::kSent;
    std::size_t take = SIZE_MAX;
    LossReason reason = LossReason::kRefused;  // for the rest, with kLost
  };
  static Answer sent();  // takes everything
  static Answer busy(std::size_t take = 0);
  static Answer lost(LossReason reason, std::size_t take = 0);

  /// Adds answers for the next calls of send(), after those already planned; after them everything
  /// is sent again.
  void script(const std::vector<Answer>& answers);
  /// Sets the answer of flush(); true at first.
  void set_flush_answer(bool flushed);

  /// The messages taken so far, in order, without their newlines.
  [[nodiscard]] std::vector<std::string> messages() const;
  /// Waits until `count` messages were taken; false when `limit` expires first.
  [[nodiscard]] bool wait_for(std::size_t count, std::chrono::nanoseconds limit) const;
  [[nodiscard]] std::size_t send_calls() const;

 private:
  friend class CaptureSender;
  SendResult receive(Batch& batch);
  [[nodiscard]] bool flush_answer() const;

  mutable std::mutex mutex_;
  mutable std::condition_variable arrived_;
  std::deque<Answer> answers_;
  std::vector<std::string> messages_;
  std::size_t send_calls_ = 0;
  bool flush_answer_ = true;
};

/// Passes every batch to a Capture.
class CaptureSender final : public Sender {
 public:
  explicit CaptureSender(std::shared_ptr<Capture> capture) : capture_(std::move(capture)) {}

  SendResult send(Batch& batch) override { return capture_->receive(batch); }
  bool flush(std::chrono::nanoseconds) override { return capture_->flush_answer(); }
  /// The capture is the receiver.
  [[nodiscard]] Handover handover() const override { return Handover::kPeer; }
  [[nodiscard]] std::string_view url() const override { return "capture:"; }

 private:
  std::shared_ptr<Capture> capture_;
};

}  // namespace metlog
