#include "tools/metlog/flood_threads.h"

#include <algorithm>
#include <limits>

#include "metlog/internal/base/start_thread.h"
#include "metlog/metlog.h"
#include "tools/metlog/tune/measure/pace.h"

namespace metlog {
namespace {

using Steady = std::chrono::steady_clock;

// Calls between two readings of the clock.
constexpr std::uint64_t kBurst = 256;
// Shorter sleeps would cost many wake-ups for a hardly smoother pace.
constexpr std::chrono::milliseconds kMinSleep{1};
// A sleeping thread checks this often whether it must end.
constexpr std::chrono::milliseconds kMaxSleep{50};

Steady::time_point end_of(Steady::time_point start, double seconds) {
  if (seconds <= 0) return Steady::time_point::max();
  return start +
         std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(seconds));
}

std::string padded(std::size_t size) {
  std::string text = "MBTEST";
  text.resize(size, '.');
  return text;
}

}  // namespace

FloodThreads::FloodThreads(const Client& client, const FloodOptions& options)
    : client_(client),
      payload_(padded(options.size)),
      rate_per_thread_(static_cast<double>(options.rate) / static_cast<double>(options.threads)),
      start_(Steady::now()),
      end_(end_of(start_, options.seconds)) {
  for (std::size_t i = 0; i < options.threads; ++i) {
    workers_.push_back(std::make_unique<Worker>());
    Worker& worker = *workers_.back();
    worker.quota = options.count == 0
                       ? std::numeric_limits<std::uint64_t>::max()
                       : options.count / options.threads + (i < options.count % options.threads);
  }
}

absl::Status FloodThreads::start() {
  for (const auto& worker : workers_) {
    if (absl::Status status = start_thread(worker->thread, "one that sends",
                                           [this, &worker = *worker] { run(worker); });
        !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

FloodThreads::~FloodThreads() {
  stop();
  for (const auto& worker : workers_) {
    if (worker->thread.joinable()) worker->thread.join();
  }
}

bool FloodThreads::must_end(TimePoint now) const {
  return now >= end_ || stopping_.load(std::memory_order_relaxed);  // relaxed: a flag
}

void FloodThreads::run(Worker& worker) {
  const Pace pace(start_, rate_per_thread_);
  const std::string_view text = payload_;
  std::uint64_t calls = 0;
  TimePoint now = Steady::now();
  while (calls < worker.quota && !must_end(now)) {
    const std::uint64_t due = std::min(pace.due(now), worker.quota);
    if (due <= calls) {
      const TimePoint next = std::clamp(pace.due_at(calls), now + kMinSleep, now + kMaxSleep);
      std::this_thread::sleep_until(std::min(next, end_));
    } else {
      const std::uint64_t burst = std::min(due - calls, kBurst);
      for (std::uint64_t i = 0; i < burst; ++i) METLOG_EVENT(client_, "MBTEST", payload(text));
      calls += burst;
      worker.calls.store(calls, std::memory_order_relaxed);  // relaxed: a counter for the progress
    }
    now = Steady::now();
  }
  worker.ended_at = now;
  worker.is_done.store(true, std::memory_order_release);  // pairs with are_done()
}

bool FloodThreads::are_done() const {
  return std::all_of(workers_.begin(), workers_.end(), [](const auto& worker) {
    return worker->is_done.load(std::memory_order_acquire);  // pairs with run()
  });
}

std::uint64_t FloodThreads::call_count() const {
  std::uint64_t sum = 0;
  // relaxed: exact once are_done() is true, which acquires the counters
  for (const auto& worker : workers_) sum += worker->calls.load(std::memory_order_relaxed);
  return sum;
}

FloodThreads::TimePoint FloodThreads::ended_at() const {
  TimePoint last = start_;
  for (const auto& worker : workers_) last = std::max(last, worker->ended_at);
  return last;
}

}  // namespace metlog
