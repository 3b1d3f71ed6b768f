#include "tools/metlog/tune/measure/point.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <memory>

#include "metlog/engine.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/base/url.h"
#include "metlog/internal/emit/flusher_wakeup.h"
#include "tools/console/terminal.h"
#include "tools/metlog/tune/measure/latency_load.h"
#include "tools/metlog/tune/measure/sample_call.h"
#include "tools/metlog/tune/measure/throughput_load.h"

namespace metlog {
namespace {

constexpr std::chrono::seconds kCloseLimit{2};

std::unique_ptr<IdleStrategy> make_idle(const Setting& setting) {
  switch (setting.idle) {
    case Idle::kYield:
      return std::make_unique<YieldIdle>();
    case Idle::kSpin:
      return std::make_unique<SpinIdle>();
    case Idle::kSleep:
      break;
  }
  return nullptr;  // sleeps for the poll interval
}

Engine::Parts parts_of(const PointOptions& options) {
  Engine::Parts parts;
  parts.options.ring_bytes = options.setting.ring_bytes;
  parts.options.poll_interval = std::chrono::microseconds(options.setting.poll_us);
  parts.options.session_directory = options.session_directory;
  parts.idle = make_idle(options.setting);
  return parts;
}

ClientOptions client_options(const PointOptions& options) {
  ClientOptions client;
  client.logger = "tune";
  client.pool_size = options.setting.pool_size;
  client.batch_bytes = options.setting.batch_bytes;
  // Without a rate, calls wait for a full ring: what gets through is the throughput. With one, what
  // does not get through is lost and counted.
  const bool waits = options.measure == Measure::kThroughput && options.rate == 0;
  client.when_full = waits ? WhenFull::kBlock : WhenFull::kDrop;
  return client;
}

double cpu_seconds(const rusage& usage) {
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

rusage usage_now() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage;
}

/// The peak of this program; getrusage() would report the parent's when that was larger.
std::uint64_t peak_rss_bytes() {
  std::ifstream status("/proc/self/status");
  std::string name;
  std::uint64_t kibibytes = 0;
  while (status >> name) {
    if (name == "VmHWM:" && status >> kibibytes) return kibibytes * 1024;
  }
  return 0;
}

/// True when the file of the URL cannot be written to because its disk is full.
bool is_disk_full(const std::string& url) {
  const absl::StatusOr<Url> parsed = parse_url(url);
  if (!parsed.ok() || parsed->scheme != "file") return false;
  const UniqueFd fd(
      ::open(parsed->path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd.is_open()) return false;
  const std::string block(4096, '\n');
  return ::write(fd.get(), block.data(), block.size()) < 0 && errno == ENOSPC;
}

void measure_calls(const PointOptions& options, const Client& client, PointReport& report) {
  const Setting& setting = options.setting;
  if (options.measure == Measure::kThroughput) {
    report.start_ns = monotonic_time_ns();
    ThroughputLoad load(client, {setting.threads, setting.size, options.phase_ms, options.rate});
    load.join();
  } else {
    const CallTimer timer = CallTimer::calibrated();
    report.empty_ns = timer.empty_ns();
    report.start_ns = monotonic_time_ns();
    LatencyLoad load(client, timer, {setting.threads, setting.size, options.phase_ms});
    load.join();
    std::vector<float> burst = load.burst();
    std::vector<float> single = load.single();
    report.burst = Percentiles::of(burst);
    report.single = Percentiles::of(single);
  }
  report.calls_end_ns = monotonic_time_ns();
}

}  // namespace

PointReport measure_point(const PointOptions& options) {
  PointReport report;
  Engine engine(parts_of(options));
  {
    absl::StatusOr<Client> client = engine.open(options.url, client_options(options));
    if (!client.ok()) {
      report.error = std::string(client.status().message());
      report.is_url_refused = true;
      return report;
    }
    const double cpu_before = cpu_seconds(usage_now());
    measure_calls(options, *client, report);
    report.is_confirmed = client->close(kCloseLimit).handover != Handover::kNone;
    report.end_ns = monotonic_time_ns();
    report.ledger = client->stats();
    report.cpu_s = cpu_seconds(usage_now()) - cpu_before;
    report.peak_rss_bytes = peak_rss_bytes();
  }
  if (report.ledger.lost[LossReason::kRefused] != 0) {
    report.is_disk_full = is_disk_full(options.url);
  }
  return report;
}

int run_tune_point(const PointOptions& options) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return print(to_json(measure_point(options)));
}

}  // namespace metlog
