#include "tools/router/input/statsd_input.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <utility>

#include "metlog/internal/base/errno_status.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/timestamp_text.h"

namespace metlog {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

}  // namespace

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
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const std::size_t part_bytes = options_.max_frame / 8;  // escapes, and payload beside fields
  const auto reports = stats_.report(now.tv_sec, part_bytes);
  for (const StatAccumulator::Report& part : reports) {
    pass(sink, part, now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec);
  }
  return reports.size();
}

void StatsdInput::pass(FrameSink& sink, const StatAccumulator::Report& report,
                       std::int64_t utc_ns) {
  std::array<char, TimestampText::kBytes> time;
  TimestampText().append(time.data(), utc_ns);
  frame_ = R"({"type":")" + json_text(options_.message_type) + R"(","timestamp":")" +
           std::string(time.data(), time.size()) + R"(","logger":")" + json_text(options_.logger) +
           R"(","severity":7,"payload":")" + json_text(report.payload) + R"(","fields":)" +
           report.fields + R"(,"env_version":"0.8","metlog_pid":)" + std::to_string(::getpid()) +
           R"(,"metlog_hostname":")" + json_text(host_name()) + "\"}";
  const std::size_t size = frame_.size();
  frame_.append(kFramePadding, '\0');
  ++frames_;
  sink.take({std::string_view(frame_).substr(0, size), size});
}

InputCounts StatsdInput::counts() const {
  InputCounts counts = datagrams_->counts();
  counts.frames = frames_;
  counts.metrics = metrics_;
  counts.bad_metrics = bad_metrics_;
  return counts;
}

}  // namespace metlog
