#include "bench/regime.h"

#include <sched.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "bench/pin_thread.h"
#include "bench/spread.h"

namespace metlog {
namespace {

constexpr unsigned kGroups = 60;
constexpr unsigned kTripsPerGroup = 20;
constexpr unsigned kTrips = kGroups * kTripsPerGroup;
constexpr double kSmtBelowNs = 48;
constexpr double kCcxBelowNs = 150;

// 128: processors fetch lines in pairs, and the two must travel apart.
struct alignas(128) Line {
  std::atomic<unsigned> trip{0};
};

void return_each(Line& there, Line& back) {
  for (unsigned trip = 1; trip <= kTrips; ++trip) {
    // acquire, release: pair with throw_each(), as a hand-over would
    while (there.trip.load(std::memory_order_acquire) != trip) {
    }
    back.trip.store(trip, std::memory_order_release);
  }
}

std::vector<double> throw_each(Line& there, Line& back) {
  std::vector<double> group_ns;
  for (unsigned trip = 0; trip < kTrips;) {
    const auto begin = std::chrono::steady_clock::now();
    for (unsigned i = 0; i < kTripsPerGroup; ++i) {
      ++trip;
      // release, acquire: pair with return_each()
      there.trip.store(trip, std::memory_order_release);
      while (back.trip.load(std::memory_order_acquire) != trip) {
      }
    }
    const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - begin;
    group_ns.push_back(taken.count());
  }
  return group_ns;
}

}  // namespace

double one_way_ns() {
  cpu_set_t before;
  sched_getaffinity(0, sizeof before, &before);
  Line there;
  Line back;
  std::thread returner([&] {
    pin_thread("FLUSHER_CPU");
    return_each(there, back);
  });
  pin_thread("PRODUCER_CPU");
  const std::vector<double> group_ns = throw_each(there, back);
  returner.join();
  sched_setaffinity(0, sizeof before, &before);
  return quantile(group_ns, 0.5) / kTripsPerGroup / 2;
}

Regime regime_of(double one_way_ns) {
  if (one_way_ns < kSmtBelowNs) return Regime::kSmt;
  return one_way_ns < kCcxBelowNs ? Regime::kCcx : Regime::kFar;
}

Regime regime_between(double one_way_ns_before, double one_way_ns_after) {
  const Regime before = regime_of(one_way_ns_before);
  return before == regime_of(one_way_ns_after) ? before : Regime::kMixed;
}

const char* regime_name(Regime regime) {
  switch (regime) {
    case Regime::kSmt:
      return "smt";
    case Regime::kCcx:
      return "ccx";
    case Regime::kFar:
      return "far";
    case Regime::kMixed:
      break;
  }
  return "mixed";
}

}  // namespace metlog
