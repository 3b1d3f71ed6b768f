#include "tools/metlog/tune/measure/point.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <fstream>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "metlog/engine.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/base/url.h"
#include "metlog/internal/emit/flusher_wakeup.h"
#include "tools/console/terminal.h"
#include "tools/metlog/tune/measure/latency_load.h"
#include "tools/metlog/tune/measure/sample_call.h"
#include "tools/metlog/tune/measure/throughput_load.h"
#include "tools/metlog/tune/measure/units_load.h"

namespace metlog {
namespace {

constexpr std::chrono::seconds kCloseLimit{2};
constexpr std::int64_t kMaxSendingNs = 100'000'000;
// Of workers with logging and without. Other programs' load, which changes a processor's speed, is
// then about the same in both.
constexpr std::uint64_t kMinRounds = 3;
constexpr std::uint64_t kMaxRounds = 20;
constexpr std::uint64_t kMinRoundMs = 80;

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
  parts.options.max_poll_interval = std::chrono::microseconds(options.setting.max_poll_us);
  parts.options.idle_interval = std::chrono::microseconds(options.setting.idle_us);
  parts.options.wake_when_filling = options.setting.wakes;
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

/// Opens an engine and a client and has `load` use them; adds what became of its messages to the
/// report.
void with_client(const PointOptions& options, PointReport& report,
                 const std::function<void(Client&)>& load) {
  Engine engine(parts_of(options));
  {
    absl::StatusOr<Client> client = engine.open(options.url, client_options(options));
    if (!client.ok()) {
      report.error = std::string(client.status().message());
      report.is_url_refused = true;
      return;
    }
    const double cpu_before_s = process_cpu_s();
    load(*client);
    report.is_confirmed &= client->close(kCloseLimit).handover != Handover::kNone;
    report.end_ns = monotonic_time_ns();
    report.ledger += client->stats();
    report.cpu_s += process_cpu_s() - cpu_before_s;
  }
}

/// Waits until the destination took what was emitted, so that its cost is counted; not by flush(),
/// which over ZMQ makes some round trips of its own.
void wait_until_sent(const Client& client) {
  const std::int64_t end_ns = monotonic_time_ns() + kMaxSendingNs;
  while (monotonic_time_ns() < end_ns) {
    const Ledger ledger = client.stats();
    if (ledger.pending == 0 && ledger.unexplained() == 0) return;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
}

/// One round: a slice with logging, one without, in this order or the other, so that neither always
/// comes first.
struct UnitsRound {
  double kept_percent = 0;
  double cpu_us_per_message = 0;
};
UnitsRound measure_round(const PointOptions& options, const UnitsOptions& units, bool logs_first,
                         PointReport& report) {
  UnitsSlice with;
  UnitsSlice without;
  double cpu_s = 0;
  if (!logs_first) without = run_units(nullptr, units);
  with_client(options, report, [&](Client& client) {
    with = run_units(&client, units);
    wait_until_sent(client);
    cpu_s = process_cpu_s() - with.start_cpu_s;
  });
  if (logs_first) without = run_units(nullptr, units);
  const double us_with = 1e6 * cpu_s / static_cast<double>(std::max<std::uint64_t>(with.units, 1));
  const double us_without = 1e6 * without.workers_cpu_s / static_cast<double>(without.units);
  return {100 * us_without / std::max(us_with, 1e-3), us_with - us_without};
}

/// The CPU that the process takes while it logs nothing, in percent of a processor.
double measure_idle(const PointOptions& options, PointReport& report) {
  const std::chrono::milliseconds span(std::clamp<std::uint64_t>(options.phase_ms / 4, 20, 100));
  double percent = 0;
  with_client(options, report, [&](Client& client) {
    sample_call(client, 0, "");
    (void)client.flush(kCloseLimit);
    std::this_thread::sleep_for(span);  // until the threads have become quiet
    const double cpu_before_s = process_cpu_s();
    const std::int64_t begin_ns = monotonic_time_ns();
    std::this_thread::sleep_for(span);
    const double cpu_s = process_cpu_s() - cpu_before_s;
    percent = 100 * cpu_s / (1e-9 * static_cast<double>(monotonic_time_ns() - begin_ns));
  });
  return percent;
}

void measure_units(const PointOptions& options, PointReport& report) {
  const std::uint64_t rounds = std::clamp(options.phase_ms / kMinRoundMs, kMinRounds, kMaxRounds);
  UnitsOptions units;
  units.workers = unit_workers();
  units.size = options.setting.size;
  units.steps = static_cast<std::uint64_t>(kUnitUs * calibrated_steps_per_us());
  units.slice_ns = static_cast<std::int64_t>(options.phase_ms * 1'000'000 / rounds / 2);
  std::vector<double> kept;
  std::vector<double> cpu_us;
  report.start_ns = monotonic_time_ns();
  for (std::uint64_t i = 0; i < rounds && report.error.empty(); ++i) {
    const UnitsRound round = measure_round(options, units, i % 2 == 1, report);
    kept.push_back(round.kept_percent);
    cpu_us.push_back(round.cpu_us_per_message);
  }
  const double idle_percent = measure_idle(options, report);
  report.calls_end_ns = monotonic_time_ns();
  const Spread spread = spread_of(kept);
  // Of a normal distribution: its deviation is 1.48 of this half width, the median's error 1.25 of
  // that by the root of their number.
  const double error = 1.86 * spread.half_width / std::sqrt(static_cast<double>(kept.size()));
  report.cost = {spread.median, error, std::max(spread_of(cpu_us).median, 0.0), idle_percent};
}

}  // namespace

PointReport measure_point(const PointOptions& options) {
  PointReport report;
  report.is_confirmed = true;
  if (options.measure == Measure::kUnits) {
    measure_units(options, report);
  } else {
    with_client(options, report, [&](Client& client) { measure_calls(options, client, report); });
  }
  report.peak_rss_bytes = peak_rss_bytes();
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
