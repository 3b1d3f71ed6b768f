#include "tools/metlog/tune/measure/latency_load.h"

#include <sys/prctl.h>
#include <time.h>

#include <algorithm>
#include <vector>

#include "metlog/internal/base/ticks.h"
#include "tools/metlog/tune/measure/sample_call.h"

namespace metlog {
namespace {

constexpr std::int64_t kCalibrationNs = 20'000'000;
constexpr int kEmptyRounds = 2001;

double measure_ns_per_tick() {
  if (!processor_has_steady_ticks()) return 1;
  const std::int64_t begin_ns = monotonic_time_ns();
  const std::uint64_t begin_ticks = ticks();
  while (monotonic_time_ns() - begin_ns < kCalibrationNs) {
  }
  const std::int64_t end_ns = monotonic_time_ns();
  const std::uint64_t end_ticks = ticks();
  return static_cast<double>(end_ns - begin_ns) / static_cast<double>(end_ticks - begin_ticks);
}

bool has_steady_ticks() {
  static const bool kHas = processor_has_steady_ticks();
  return kHas;
}

}  // namespace

#if defined(__x86_64__)
std::uint64_t CallTimer::start() {
  if (!has_steady_ticks()) return monotonic_ns();
  __builtin_ia32_lfence();
  const std::uint64_t now = ticks();
  __builtin_ia32_lfence();
  return now;
}

std::uint64_t CallTimer::stop() {
  if (!has_steady_ticks()) return monotonic_ns();
  unsigned processor = 0;
  const std::uint64_t now = __builtin_ia32_rdtscp(&processor);
  __builtin_ia32_lfence();
  return now;
}
#else
std::uint64_t CallTimer::start() { return has_steady_ticks() ? ticks() : monotonic_ns(); }
std::uint64_t CallTimer::stop() { return has_steady_ticks() ? ticks() : monotonic_ns(); }
#endif

CallTimer CallTimer::calibrated() {
  CallTimer timer;
  timer.ns_per_tick_ = measure_ns_per_tick();
  std::vector<double> empty;
  for (int i = 0; i < kEmptyRounds; ++i) {
    const std::uint64_t begin = start();
    empty.push_back(static_cast<double>(stop() - begin) * timer.ns_per_tick_);
  }
  std::nth_element(empty.begin(), empty.begin() + kEmptyRounds / 2, empty.end());
  timer.empty_ns_ = empty[kEmptyRounds / 2];
  return timer;
}

namespace {

constexpr int kBurst = 20;
constexpr std::int64_t kMinPauseNs = 50'000;
constexpr std::uint64_t kPauseRangeNs = 50'000;
// The first rounds claim the ring and warm the caches; they are not counted.
constexpr int kWarmRounds = 20;
// A thread that got no processor in its time still makes this many.
constexpr int kMinRounds = kWarmRounds + 1;

class Pauses {
 public:
  Pauses(std::uint64_t seed, bool sleeps) : state_(seed * 2654435761U + 1), sleeps_(sleeps) {}

  void operator()() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    const std::int64_t ns = kMinPauseNs + static_cast<std::int64_t>(state_ % kPauseRangeNs);
    if (sleeps_) {
      const timespec time{0, ns};
      nanosleep(&time, nullptr);
    } else {
      const std::int64_t end = monotonic_time_ns() + ns;
      while (monotonic_time_ns() < end) {
      }
    }
  }

 private:
  std::uint64_t state_;
  const bool sleeps_;
};

template <class Part>
std::vector<float> all_of(const std::vector<Part>& workers, std::vector<float> Part::*member) {
  std::vector<float> all;
  for (const Part& worker : workers) {
    all.insert(all.end(), (worker.*member).begin(), (worker.*member).end());
  }
  return all;
}

}  // namespace

LatencyLoad::LatencyLoad(const Client& client, const CallTimer& timer, const Options& options)
    : client_(client),
      timer_(timer),
      text_(options.size, 'x'),
      phase_ns_(static_cast<std::int64_t>(options.phase_ms) * 1'000'000),
      sleeps_(options.threads + 1 > std::thread::hardware_concurrency()),
      workers_(options.threads) {
  const std::size_t max_rounds = options.phase_ms * 1'000'000 / kMinPauseNs + kMinRounds;
  for (Worker& worker : workers_) {
    worker.single.reserve(max_rounds);
    worker.burst.reserve(max_rounds);
  }
  std::uint64_t seed = 0;
  for (Worker& worker : workers_) {
    ++seed;
    worker.thread = std::thread([this, &worker, seed] { run(worker, seed); });
  }
}

void LatencyLoad::join() {
  for (Worker& worker : workers_) worker.thread.join();
}

void LatencyLoad::run(Worker& worker, std::uint64_t seed) const {
  prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
  Pauses pause(seed, sleeps_);
  const std::string_view text = text_;
  std::uint64_t number = seed << 32;
  const std::int64_t end_ns = monotonic_time_ns() + phase_ns_;
  for (int round = 0; round < kMinRounds || monotonic_time_ns() < end_ns; ++round) {
    pause();
    const std::uint64_t single_start = CallTimer::start();
    sample_call(client_, number++, text);
    const std::uint64_t single_ticks = CallTimer::stop() - single_start;
    pause();
    const std::uint64_t burst_start = CallTimer::start();
    for (int i = 0; i < kBurst; ++i) sample_call(client_, number++, text);
    const std::uint64_t burst_ticks = CallTimer::stop() - burst_start;
    if (round < kWarmRounds || worker.single.size() == worker.single.capacity()) continue;
    worker.single.push_back(static_cast<float>(timer_.ns(single_ticks)));
    worker.burst.push_back(static_cast<float>(timer_.ns(burst_ticks) / kBurst));
  }
}

std::vector<float> LatencyLoad::single() const { return all_of(workers_, &Worker::single); }
std::vector<float> LatencyLoad::burst() const { return all_of(workers_, &Worker::burst); }

}  // namespace metlog
