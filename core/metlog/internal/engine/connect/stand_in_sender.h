#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "metlog/make_sender.h"
#include "metlog/sender.h"

namespace metlog {

/// Takes the place of a sender that could not be made again in a forked child. Loses every message
/// at once, as kForked, and tries to make the real sender at most once a second, with messages or
/// without. Once there is one it does the work; the engine then reports the losses in the stream.
class StandInSender final : public Sender {
 public:
  static constexpr std::chrono::seconds kRetryInterval{1};

  /// The sender that the parent had.
  struct Lost {
    SenderFactory connect;  // null when it cannot be made again: the program had made it
    std::shared_ptr<std::mutex> one_at_a_time;  // held while connect() is called
    std::string logger;
    std::string url;
    Handover handover = Handover::kNone;
  };

  explicit StandInSender(Lost lost)
      : lost_(std::move(lost)), next_try_(std::chrono::steady_clock::now() + kRetryInterval) {}

  SendResult send(Batch& batch) override;
  bool flush(std::chrono::nanoseconds limit) override;
  Batch* take_settled() override { return real_ == nullptr ? nullptr : real_->take_settled(); }
  void abandon() override {
    if (real_ != nullptr) real_->abandon();
  }
  [[nodiscard]] Handover handover() const override { return lost_.handover; }
  std::chrono::nanoseconds idle() override;
  [[nodiscard]] std::string_view url() const override { return lost_.url; }
  [[nodiscard]] ConnectionCounts connections() const override;

 private:
  /// True once there is a real sender.
  bool is_real();

  const Lost lost_;
  std::chrono::steady_clock::time_point next_try_;
  std::unique_ptr<Sender> real_;
  std::atomic<const Sender*> shown_{nullptr};  // real_, for connections()
  bool has_said_so_ = false;
};

}  // namespace metlog
