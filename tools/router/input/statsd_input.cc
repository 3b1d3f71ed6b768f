#include "tools/router/input/statsd_input.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "metlog/internal/base/errno_status.h"
#include "metlog/internal/base/system_facts.h"
#include "tools/router/input/own_message.h"

namespace metlog {
/// Adds up the lines of datagrams.
class StatsdInput::Lines final : public FrameSink {
 public:
  explicit Lines(StatsdInput& input) : input_(input) {}

  bool take(const Frame& frame) override {
    std::string_view text = frame.text;
    if (frame.sent_bytes > text.size()) {  // its last line may be cut
      ++input_.bad_metrics_;
      const std::size_t last = text.rfind('\n');
      text = text.substr(0, last == std::string_view::npos ? 0 : last);
    }
    for_each_statsd_line(text, [this](std::string_view line) {
      const std::optional<StatsdLine> stat = read_statsd_line(line);
      if (stat.has_value() && input_.stats_.add(*stat)) {
        ++input_.metrics_;
      } else {
        ++input_.bad_metrics_;
      }
    });
    return true;
  }
  [[nodiscard]] bool needs_padding() const override { return false; }

 private:
  StatsdInput& input_;
};

absl::StatusOr<std::unique_ptr<StatsdInput>> StatsdInput::open(std::string_view address,
                                                               Reach reach, Options options) {
  auto datagrams = UdpInput::open(address, options.max_datagram, reach);
  if (!datagrams.ok()) return datagrams.status();
  std::unique_ptr<StatsdInput> input(new StatsdInput(*std::move(datagrams), std::move(options)));
  if (absl::Status status = input->start_timer(); !status.ok()) return status;
  return input;
}

StatsdInput::StatsdInput(std::unique_ptr<UdpInput> datagrams, Options options)
    : options_(std::move(options)),
      datagrams_(std::move(datagrams)),
      endpoint_("statsd+" + datagrams_->endpoint()),
      stats_(options_.stats) {}

absl::Status StatsdInput::start_timer() {
  timer_ = UniqueFd(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  events_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
  const itimerspec every{{options_.stats.interval_seconds, 0},
                         {options_.stats.interval_seconds, 0}};
  epoll_event event{};
  event.events = EPOLLIN;
  if (!timer_.is_open() || !events_.is_open() ||
      ::timerfd_settime(timer_.get(), 0, &every, nullptr) != 0 ||
      ::epoll_ctl(events_.get(), EPOLL_CTL_ADD, timer_.get(), &event) != 0 ||
      ::epoll_ctl(events_.get(), EPOLL_CTL_ADD, datagrams_->poll_handle().fd, &event) != 0) {
    return errno_status(errno, endpoint_ + ": no timer",
                        "raise the limit of open files (ulimit -n)");
  }
  return absl::OkStatus();
}

std::size_t StatsdInput::poll(FrameSink& sink, std::size_t max_frames) {
  Lines lines(*this);
  datagrams_->poll(lines, max_frames);
  return is_due() ? report(sink) : 0;
}

std::size_t StatsdInput::finish(FrameSink& sink) { return stats_.has_values() ? report(sink) : 0; }

bool StatsdInput::is_due() {
  std::uint64_t fired = 0;
  return ::read(timer_.get(), &fired, sizeof fired) == sizeof fired;
}

std::size_t StatsdInput::report(FrameSink& sink) {
  has_stats_ = has_stats_ || stats_.has_values();
  if (!has_stats_) return 0;
  const std::int64_t now_ns = utc_now_ns();
  const std::size_t part_bytes = options_.max_frame / 8;  // escapes, and payload beside fields
  const auto reports = stats_.report(now_ns / 1'000'000'000, part_bytes);
  for (const StatAccumulator::Report& part : reports) pass(sink, part, now_ns);
  return reports.size();
}

void StatsdInput::pass(FrameSink& sink, const StatAccumulator::Report& report,
                       std::int64_t utc_ns) {
  ++frames_;
  sink.take(write_own_frame({.type = options_.message_type,
                             .logger = options_.logger,
                             .severity = 7,
                             .payload = report.payload,
                             .fields = report.fields,
                             .utc_ns = utc_ns},
                            frame_));
}

InputCounts StatsdInput::counts() const {
  InputCounts counts = datagrams_->counts();
  counts.frames = frames_;
  counts.metrics = metrics_;
  counts.bad_metrics = bad_metrics_;
  return counts;
}

}  // namespace metlog
