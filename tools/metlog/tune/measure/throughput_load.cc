#include "tools/metlog/tune/measure/throughput_load.h"

#include <algorithm>
#include <chrono>

#include "tools/metlog/tune/measure/pace.h"
#include "tools/metlog/tune/measure/sample_call.h"

namespace metlog {
namespace {

// Calls between two readings of the clock.
constexpr std::uint64_t kBurst = 256;
constexpr std::chrono::microseconds kMinSleep{200};
constexpr std::chrono::milliseconds kMaxSleep{20};

}  // namespace

ThroughputLoad::ThroughputLoad(const Client& client, const Options& options)
    : client_(client),
      text_(options.size, 'x'),
      rate_per_thread_(static_cast<double>(options.rate) / static_cast<double>(options.threads)),
      phase_ns_(static_cast<std::int64_t>(options.phase_ms) * 1'000'000) {
  for (std::uint64_t seed = 1; seed <= options.threads; ++seed) {
    threads_.emplace_back([this, seed] { run(seed); });
  }
}

void ThroughputLoad::join() {
  for (std::thread& thread : threads_) thread.join();
}

void ThroughputLoad::run(std::uint64_t seed) const {
  const Pace pace(std::chrono::steady_clock::now(), rate_per_thread_);
  const std::string_view text = text_;
  std::uint64_t calls = 0;
  const std::int64_t end_ns = monotonic_time_ns() + phase_ns_;
  do {
    const auto now = std::chrono::steady_clock::now();
    const std::uint64_t due = pace.due(now);
    if (due <= calls) {
      std::this_thread::sleep_until(
          std::clamp(pace.due_at(calls), now + kMinSleep, now + kMaxSleep));
      continue;
    }
    const std::uint64_t burst = std::min(due - calls, kBurst);
    for (std::uint64_t i = 0; i < burst; ++i) sample_call(client_, (seed << 32) + calls + i, text);
    calls += burst;
  } while (monotonic_time_ns() < end_ns);
}

}  // namespace metlog
