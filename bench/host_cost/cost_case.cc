#include "bench/host_cost/cost_case.h"

#include <algorithm>
#include <array>
#include <utility>

namespace metlog {
namespace {

constexpr std::size_t kWorkers = 2;
constexpr std::size_t kMemoryThreads = 200;
// Longer than the longest sleep of any subject's thread.
constexpr double kQuietS = 0.25;
constexpr double kShortPauseS = 0.01;

void add(std::vector<CostCase>& cases, CostCase added, const std::string& name) {
  added.name = std::string(name_of(added.workload)) + "/" + name;
  cases.push_back(std::move(added));
}

void add_rates(std::vector<CostCase>& cases) {
  add(cases, {.workload = Workload::kRate, .rhythm = Rhythm::kIdle}, "idle");
  for (const int rate : {1000, 10'000, 50'000, 200'000}) {
    add(cases,
        {.workload = Workload::kRate, .rhythm = Rhythm::kPaced, .rate = static_cast<double>(rate)},
        std::to_string(rate));
  }
  add(cases, {.workload = Workload::kRate, .rhythm = Rhythm::kFlatOut}, "flat");
}

void add_bursts(std::vector<CostCase>& cases) {
  for (const std::size_t threads : {1U, 4U}) {
    for (const std::uint64_t burst : {1000U, 3000U, 3500U, 6000U}) {
      CostCase added{.workload = Workload::kBurst,
                     .rhythm = Rhythm::kBursts,
                     .threads = threads,
                     .burst = burst,
                     .burst_period_s = kQuietS};
      const std::string name = std::to_string(burst) + "x" + std::to_string(threads);
      add(cases, added, name + "/idle");
      added.burst_period_s = kShortPauseS;
      add(cases, added, name + "/10ms");
    }
  }
}

void add_latencies(std::vector<CostCase>& cases) {
  CostCase added{.workload = Workload::kLatency, .rhythm = Rhythm::kUnits, .threads = kWorkers};
  added.unit_us = 20;
  add(cases, added, "units20");
  add(cases, {.workload = Workload::kLatency, .rhythm = Rhythm::kPaced, .rate = 10'000}, "10000");
  added = {.workload = Workload::kLatency, .rhythm = Rhythm::kBursts};
  added.burst = 1;
  added.burst_period_s = kQuietS;
  add(cases, added, "quiet");
  added.is_severe = true;
  add(cases, added, "severe");
}

void add_starved(std::vector<CostCase>& cases) {
  for (const int nice : {0, -10}) {
    for (const int rate : {1000, 10'000, 50'000, 200'000}) {
      CostCase added{.workload = Workload::kStarved, .rhythm = Rhythm::kPaced};
      added.rate = rate;
      added.neighbours = 3;
      added.nice = nice;
      add(cases, added, std::to_string(rate) + "/nice" + std::to_string(nice));
    }
  }
}

bool is_named_by(const CostCase& one, const std::string& part) {
  return one.name == part || one.name.starts_with(part + "/");
}

}  // namespace

std::string_view name_of(Workload workload) {
  constexpr std::array<std::string_view, kWorkloadCount> kNames = {
      "units", "rate", "burst", "latency", "memory", "http", "starved"};
  return kNames[static_cast<std::size_t>(workload)];
}

std::vector<CostCase> all_cost_cases() {
  std::vector<CostCase> cases;
  for (const int unit_us : {2, 20, 200}) {
    CostCase added{.rhythm = Rhythm::kUnits, .threads = kWorkers};
    added.unit_us = unit_us;
    add(cases, added, std::to_string(unit_us));
  }
  add_rates(cases);
  add_bursts(cases);
  add_latencies(cases);
  add(cases, {.workload = Workload::kMemory, .rhythm = Rhythm::kOnce, .threads = kMemoryThreads},
      std::to_string(kMemoryThreads));
  add(cases, {.workload = Workload::kHttp, .rhythm = Rhythm::kRequests, .messages = 3}, "3");
  add_starved(cases);
  return cases;
}

absl::StatusOr<std::vector<CostCase>> choose_cost_cases(std::string_view only) {
  const std::vector<CostCase> all = all_cost_cases();
  const std::vector<std::string> parts = comma_separated(only);
  if (parts.empty()) return all;
  for (const std::string& part : parts) {
    if (std::none_of(all.begin(), all.end(),
                     [&](const CostCase& one) { return is_named_by(one, part); })) {
      return absl::InvalidArgumentError("'" + part + "' names no case; --list shows them");
    }
  }
  std::vector<CostCase> chosen;
  std::copy_if(all.begin(), all.end(), std::back_inserter(chosen), [&](const CostCase& one) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](const std::string& part) { return is_named_by(one, part); });
  });
  return chosen;
}

std::vector<std::string> comma_separated(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    if (end != 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

}  // namespace metlog
