#include "tools/metlog/tune/measure/units_load.h"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "tools/metlog/tune/measure/sample_call.h"

namespace metlog {
namespace {

constexpr std::size_t kMaxWorkers = 16;
constexpr std::chrono::milliseconds kSettle{5};
constexpr std::chrono::milliseconds kMaxConnecting{500};
constexpr std::uint64_t kSeed = 88172645463325252U;

double seconds_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

struct Worker {
  std::uint64_t units = 0;
  double cpu_s = 0;
  std::thread thread;
};

void work(const Client* client, const UnitsOptions& options, std::string_view text,
          Worker& worker) {
  const double begin_s = thread_cpu_s();
  const std::int64_t end_ns = monotonic_time_ns() + options.slice_ns;
  std::uint64_t x = kSeed;
  do {
    x = compute(options.steps, x);
    ++worker.units;
    if (client != nullptr) sample_call(*client, worker.units, text);
  } while (monotonic_time_ns() < end_ns);
  worker.cpu_s = thread_cpu_s() - begin_s;
}

}  // namespace

std::uint64_t compute(std::uint64_t steps, std::uint64_t seed) {
  std::uint64_t x = seed;
  for (std::uint64_t i = 0; i < steps; ++i) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
  }
  asm volatile("" : "+r"(x));  // is used
  return x;
}

double calibrated_steps_per_us() {
  constexpr std::uint64_t kSteps = 200'000;
  constexpr int kTries = 25;
  double best = 0;
  std::uint64_t x = kSeed;
  for (int i = 0; i < kTries; ++i) {
    const std::int64_t begin_ns = monotonic_time_ns();
    x = compute(kSteps, x);
    const auto ns = static_cast<double>(std::max<std::int64_t>(monotonic_time_ns() - begin_ns, 1));
    best = std::max(best, 1000.0 * kSteps / ns);
  }
  return best;
}

UnitsSlice run_units(Client* client, const UnitsOptions& options) {
  const std::string text(options.size, 'x');
  std::vector<Worker> workers(options.workers);
  std::latch ready(static_cast<std::ptrdiff_t>(workers.size()));
  std::latch start(1);
  for (Worker& worker : workers) {
    worker.thread = std::thread([&] {
      if (client != nullptr) sample_call(*client, 0, text);
      ready.count_down();
      start.wait();
      work(client, options, text, worker);
    });
  }
  ready.wait();
  // Until all is there that is made once: connections, and the rings kept ready for more threads.
  if (client != nullptr) (void)client->flush(kMaxConnecting);
  std::this_thread::sleep_for(kSettle);
  UnitsSlice slice;
  slice.start_cpu_s = process_cpu_s();
  start.count_down();
  for (Worker& worker : workers) {
    worker.thread.join();
    slice.units += worker.units;
    slice.workers_cpu_s += worker.cpu_s;
  }
  return slice;
}

std::size_t unit_workers() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMaxWorkers);
}

double process_cpu_s() { return seconds_of(CLOCK_PROCESS_CPUTIME_ID); }
double thread_cpu_s() { return seconds_of(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace metlog
