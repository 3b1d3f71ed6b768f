#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "tools/router/input/input.h"
#include "tools/router/input/stat_accumulator.h"
#include "tools/router/input/udp_input.h"

namespace metlog {

/// Receives statsd's datagrams, adds them up, and once in an interval passes on a message with the
/// sums: see StatAccumulator. A message has the type `heka.statmetric`, severity 7, this host and
/// process; sums that do not fit into one become several. The last interval ends when the router
/// ends. Nothing is passed on before the first value has come.
class StatsdInput final : public Input {
 public:
  struct Options {
    StatAccumulator::Options stats = {};
    std::string message_type = "heka.statmetric";
    std::string logger = "StatAccumInput";
    std::size_t max_datagram = 8192;     // bytes; a longer one loses its last line
    std::size_t max_frame = 256 * 1024;  // bytes of a message that the router takes
  };

  /// Errors as UdpInput::open().
  static absl::StatusOr<std::unique_ptr<StatsdInput>> open(std::string_view address, Reach reach,
                                                           Options options);

  std::size_t poll(FrameSink& sink, std::size_t max_frames) override;
  std::size_t finish(FrameSink& sink) override;
  [[nodiscard]] double fill() const override { return datagrams_->fill(); }
  [[nodiscard]] std::chrono::nanoseconds longest_rest() const override {
    return datagrams_->longest_rest();
  }
  [[nodiscard]] InputCounts counts() const override;
  [[nodiscard]] const std::string& endpoint() const override { return endpoint_; }
  [[nodiscard]] PollHandle poll_handle() const override { return {nullptr, events_.get()}; }

 private:
  class Lines;

  StatsdInput(std::unique_ptr<UdpInput> datagrams, Options options);
  absl::Status start_timer();
  [[nodiscard]] bool is_due();
  std::size_t report(FrameSink& sink);
  void pass(FrameSink& sink, const StatAccumulator::Report& report, std::int64_t utc_ns);

  const Options options_;
  const std::unique_ptr<UdpInput> datagrams_;
  const std::string endpoint_;
  StatAccumulator stats_;
  UniqueFd timer_;
  UniqueFd events_;  // readable when there are datagrams, or the timer has fired
  bool has_stats_ = false;
  std::uint64_t frames_ = 0;
  std::uint64_t metrics_ = 0;
  std::uint64_t bad_metrics_ = 0;
  std::string frame_;
};

}  // namespace metlog
