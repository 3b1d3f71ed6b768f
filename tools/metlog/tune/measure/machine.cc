#include "tools/metlog/tune/measure/machine.h"

#include <sched.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <fstream>
#include <thread>
#include <vector>

#include "metlog/internal/base/start_thread.h"
#include "tools/metlog/tune/measure/sample_call.h"

namespace metlog {
namespace {

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    const std::size_t at = line.find(": ");
    if (at != std::string::npos) return line.substr(at + 2);
  }
  return "unknown processor";
}

}  // namespace

Machine this_machine() {
  Machine machine;
  machine.cpu = cpu_name();
  machine.processors = std::thread::hardware_concurrency();
  utsname name{};
  if (uname(&name) == 0) {
    machine.kernel = std::string(name.sysname) + ' ' + name.release + ' ' + name.machine;
  }
  return machine;
}

namespace {

constexpr std::uint64_t kGroups = 40;
constexpr std::uint64_t kTripsPerGroup = 25;
constexpr double kSmtBelowNs = 48;
constexpr double kFarFromNs = 150;

std::vector<int> processors(const cpu_set_t& allowed) {
  std::vector<int> list;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &allowed)) list.push_back(cpu);
  }
  return list;
}

void pin(int cpu) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  sched_setaffinity(0, sizeof one, &one);
}

struct alignas(128) Line {
  std::atomic<std::uint64_t> value{0};
};

// acquire and release pair with each other on both lines; what is timed is their travel.
void answer(Line& there, Line& back) {
  for (std::uint64_t i = 1; i <= kGroups * kTripsPerGroup; ++i) {
    while (there.value.load(std::memory_order_acquire) != i) {
    }
    back.value.store(i, std::memory_order_release);
  }
}

double median_trip_ns(Line& there, Line& back) {
  std::array<std::int64_t, kGroups> groups{};
  std::uint64_t trip = 0;
  for (std::int64_t& group : groups) {
    const std::int64_t begin_ns = monotonic_time_ns();
    for (std::uint64_t i = 0; i < kTripsPerGroup; ++i) {
      there.value.store(++trip, std::memory_order_release);
      while (back.value.load(std::memory_order_acquire) != trip) {
      }
    }
    group = monotonic_time_ns() - begin_ns;
  }
  std::nth_element(groups.begin(), groups.begin() + kGroups / 2, groups.end());
  return static_cast<double>(groups[kGroups / 2]) / kTripsPerGroup;
}

}  // namespace

CoreDistance probe_core_distance() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return {};
  const std::vector<int> cpus = processors(allowed);
  if (cpus.size() < 2) return {};
  Line there;
  Line back;
  std::thread other;
  const absl::Status started = start_thread(other, "one that measures", [&] {
    pin(cpus[1]);
    answer(there, back);
  });
  if (!started.ok()) return {};
  pin(cpus[0]);
  const double round_trip_ns = median_trip_ns(there, back);
  other.join();
  sched_setaffinity(0, sizeof allowed, &allowed);
  return {round_trip_ns / 2};
}

std::string_view regime_of(CoreDistance distance) {
  if (distance.ns <= 0) return "one core";
  if (distance.ns < kSmtBelowNs) return "smt";
  return distance.ns < kFarFromNs ? "ccx" : "far";
}

std::string_view regime_of(CoreDistance before, CoreDistance after) {
  return regime_of(before) == regime_of(after) ? regime_of(before) : "mixed";
}

}  // namespace metlog
