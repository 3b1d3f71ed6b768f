#include "bench/host_cost/load.h"

#include <pthread.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <latch>
#include <thread>
#include <vector>

#include "bench/host_cost/busy_core.h"
#include "bench/host_cost/http_load.h"
#include "bench/host_cost/measured_span.h"
#include "bench/host_cost/process_counters.h"
#include "tools/metlog/tune/measure/units_load.h"

namespace metlog {
namespace {

constexpr double kNsPerS = 1e9;
// A file of this many messages takes half a gigabyte.
constexpr std::uint64_t kMaxFlatOutCalls = 2'000'000;
// Messages that are due within this time are logged together, as a server would.
constexpr double kTickS = 100e-6;
// For threads to become quiet, and metlogd to write what it has received: longer than a quiet
// flusher sleeps.
constexpr double kSettleS = 0.15;
constexpr const char* kUser = "sixteen.letters.";

std::uint64_t ns_of(double seconds) { return static_cast<std::uint64_t>(seconds * kNsPerS); }

/// What the threads of a load share.
struct SharedLoad {
  const CostCase& cost_case;
  CostSubject& subject;
  const LoadOptions& options;
  std::atomic<bool> stopped{false};

  // relaxed: a flag; no data depends on it
  [[nodiscard]] bool is_stopped() const { return stopped.load(std::memory_order_relaxed); }
  void log(std::uint64_t number) {
    const bool stamped = cost_case.workload == Workload::kLatency;
    const std::uint64_t id = stamped ? monotonic_ns() : number;
    const double latency = 0.5 * static_cast<double>(number);
    if (cost_case.is_severe) {
      subject.log_severe(id, latency, kUser);
    } else {
      subject.log(id, latency, kUser);
    }
  }
};

// Each returns the number of its calls; all but the first end by themselves.

std::uint64_t compute_and_log(SharedLoad& load) {
  const double steps = load.cost_case.unit_us * load.options.steps_per_us;
  std::uint64_t x = 88172645463325252U;
  std::uint64_t units = 0;
  while (!load.is_stopped()) {
    x = compute(static_cast<std::uint64_t>(steps), x);
    load.log(++units);
  }
  return units;
}

std::uint64_t log_flat_out(SharedLoad& load) {
  constexpr std::uint64_t kCallsBetweenLooks = 256;
  const std::uint64_t end_ns = monotonic_ns() + ns_of(load.options.seconds);
  std::uint64_t calls = 0;
  while (calls < kMaxFlatOutCalls && monotonic_ns() < end_ns) {
    for (std::uint64_t i = 0; i < kCallsBetweenLooks; ++i) load.log(++calls);
  }
  return calls;
}

std::uint64_t log_paced(SharedLoad& load) {
  const double rate = load.cost_case.rate;
  const double tick_s = std::max(kTickS, 1 / rate);
  const auto calls_of_tick = static_cast<std::uint64_t>(std::lround(tick_s * rate));
  const auto ticks = static_cast<std::uint64_t>(std::ceil(load.options.seconds / tick_s));
  std::uint64_t calls = 0;
  std::uint64_t next = monotonic_ns();
  for (std::uint64_t tick = 0; tick < ticks; ++tick) {
    for (std::uint64_t i = 0; i < calls_of_tick; ++i) load.log(++calls);
    next += ns_of(tick_s);
    sleep_until(next);
  }
  return calls;
}

std::uint64_t log_bursts(SharedLoad& load) {
  const double period_s = load.cost_case.burst_period_s;
  const auto bursts =
      std::max<std::uint64_t>(static_cast<std::uint64_t>(load.options.seconds / period_s), 1);
  std::uint64_t calls = 0;
  std::uint64_t next = monotonic_ns();
  for (std::uint64_t burst = 0; burst < bursts; ++burst) {
    next += ns_of(period_s);
    sleep_until(next);
    for (std::uint64_t i = 0; i < load.cost_case.burst; ++i) load.log(++calls);
  }
  sleep_until(next + ns_of(period_s));  // the last burst too goes its own way, and is not flushed
  return calls;
}

std::uint64_t wait_idle(SharedLoad& load) {
  sleep_for_s(load.options.seconds);
  return 0;
}

std::uint64_t do_load(SharedLoad& load) {
  switch (load.cost_case.rhythm) {
    case Rhythm::kIdle:
      return wait_idle(load);
    case Rhythm::kUnits:
      return compute_and_log(load);
    case Rhythm::kPaced:
      return log_paced(load);
    case Rhythm::kFlatOut:
      return log_flat_out(load);
    case Rhythm::kBursts:
      return log_bursts(load);
    case Rhythm::kOnce:
    case Rhythm::kRequests:
      break;  // the warm-up's message is the one
  }
  return 0;
}

/// Threads that log one message each, then wait for the start, then do the load, and stay until
/// they are dismissed, so that their counters can be read.
class Crew {
 public:
  explicit Crew(SharedLoad& load)
      : calls_(load.cost_case.threads),
        ready_(static_cast<std::ptrdiff_t>(calls_.size())),
        done_(static_cast<std::ptrdiff_t>(calls_.size())) {
    for (std::uint64_t& calls : calls_) threads_.emplace_back([&] { work(load, calls); });
  }
  ~Crew() { dismiss(); }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  void wait_until_ready() { ready_.wait(); }
  void start() {
    started_ = true;
    start_.count_down();
  }
  void wait_until_done() { done_.wait(); }
  /// Returns the number of calls. Those who were never started do no load.
  std::uint64_t dismiss() {
    if (!threads_.empty()) leave_.count_down();
    if (!started_) start_.count_down();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    std::uint64_t sum = 0;
    for (const std::uint64_t calls : calls_) sum += calls;
    return sum;
  }

 private:
  void work(SharedLoad& load, std::uint64_t& calls) {
    pthread_setname_np(pthread_self(), "worker");
    prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
    load.subject.log(0, 0, kUser);
    ready_.count_down();
    start_.wait();
    calls = started_ ? 1 + do_load(load) : 1;
    done_.count_down();
    leave_.wait();
  }

  std::vector<std::uint64_t> calls_;
  bool started_ = false;  // stored before start_ opens
  std::latch ready_;
  std::latch start_{1};
  std::latch done_;
  std::latch leave_{1};
  std::vector<std::thread> threads_;
};

/// The load from the start to the end of its span. What is still buffered then is a few
/// milliseconds' messages; only flat out it is much, and waited for.
void measure_span(SharedLoad& load, Crew& crew, Measurement& measurement) {
  const CostCase& cost_case = load.cost_case;
  // What is measured has happened, or comes in run_http_load().
  if (cost_case.rhythm == Rhythm::kOnce || cost_case.rhythm == Rhythm::kRequests) return;
  const MeasuredSpan span(load.options.router);
  crew.start();
  if (cost_case.rhythm == Rhythm::kUnits) {
    sleep_for_s(load.options.seconds);
    load.stopped.store(true, std::memory_order_relaxed);  // relaxed: see is_stopped()
  }
  crew.wait_until_done();
  const bool counts_the_rest = cost_case.rhythm == Rhythm::kFlatOut;
  if (counts_the_rest) load.subject.flush();
  const double load_s = span.seconds();
  measurement.figures["load_s"] = load_s;
  if (counts_the_rest && load.options.router != 0) sleep_for_s(kSettleS);
  span.report(load_s, measurement);
}

}  // namespace

Measurement run_load(const CostCase& cost_case, const CostSubjectKind& kind, const CostPlace& place,
                     const LoadOptions& options) {
  Measurement measurement;
  const BusyCore busy_core(cost_case.neighbours);
  absl::StatusOr<std::unique_ptr<CostSubject>> subject = kind.open(place);
  if (!subject.ok()) {
    measurement.error = std::string(subject.status().message());
    return measurement;
  }
  SharedLoad load{cost_case, **subject, options};
  const double settle_s = std::min(kSettleS, options.seconds);
  sleep_for_s(settle_s);
  const std::uint64_t resident_before = resident_bytes();
  Crew crew(load);
  crew.wait_until_ready();
  if (!load.subject.flush()) {
    measurement.error = "the first messages did not arrive at the destination";
    return measurement;
  }
  sleep_for_s(settle_s);
  const auto grown = static_cast<double>(resident_bytes()) - static_cast<double>(resident_before);
  measure_span(load, crew, measurement);
  std::uint64_t calls = crew.dismiss();
  if (cost_case.workload == Workload::kHttp) {
    calls += run_http_load(cost_case, load.subject, options.seconds, options.router, measurement);
  }
  const CostSubject::Account account = load.subject.close();
  measurement.figures["calls"] = static_cast<double>(calls);
  measurement.figures["emitted"] = kind.name == kNoLogging ? 0 : static_cast<double>(calls);
  measurement.figures["taken"] = static_cast<double>(account.taken);
  measurement.figures["lost"] = static_cast<double>(account.lost);
  measurement.figures["measured_calls"] = static_cast<double>(calls - cost_case.threads);
  if (cost_case.workload == Workload::kMemory) {
    measurement.figures["resident_kb"] = grown / 1024 / static_cast<double>(cost_case.threads);
  }
  return measurement;
}

}  // namespace metlog
