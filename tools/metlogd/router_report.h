#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

#include "tools/router/input/input.h"
#include "tools/router/router_ledger.h"

namespace metlog {

/// An input whose messages are the router's own ledger, of type metlog.router, every interval and
/// at the end. Used by the router's thread.
class RouterReport final : public Input {
 public:
  /// `ledger` is called in poll() and finish().
  RouterReport(std::chrono::nanoseconds interval, std::function<RouterLedger()> ledger);

  std::size_t poll(FrameSink& sink, std::size_t max_frames) override;
  std::size_t finish(FrameSink& sink) override;
  [[nodiscard]] InputCounts counts() const override { return counts_; }
  [[nodiscard]] bool is_bound() const override { return false; }
  /// No address: metlogd:stats.
  [[nodiscard]] const std::string& endpoint() const override { return endpoint_; }
  /// Nothing to wait for: a negative descriptor is never ready.
  [[nodiscard]] PollHandle poll_handle() const override { return {nullptr, -1}; }

 private:
  using Clock = std::chrono::steady_clock;

  void pass(FrameSink& sink);

  const std::chrono::nanoseconds interval_;
  const std::function<RouterLedger()> ledger_;
  const std::string endpoint_ = "metlogd:stats";
  Clock::time_point next_;
  std::string frame_;
  InputCounts counts_;
};

}  // namespace metlog
