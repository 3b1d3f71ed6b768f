#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace metlog {

/// What the threads of a measured process do.
enum class Workload : std::uint8_t {
  kUnits,    // compute, log one message, and so on, as fast as they can
  kRate,     // log at a constant rate, or not at all, or as fast as they can
  kBurst,    // log many messages at once, then pause
  kLatency,  // log messages that carry the time of their call
  kMemory,   // log once each, and stay
  kHttp,     // answer requests, and log some messages in each
  kStarved,  // log at a constant rate on one core, beside processes that take all they can
};
inline constexpr std::size_t kWorkloadCount = 7;
std::string_view name_of(Workload workload);

/// The rhythm of the calls.
enum class Rhythm : std::uint8_t { kIdle, kUnits, kPaced, kFlatOut, kBursts, kOnce, kRequests };

/// One question of the benchmark. Each subject answers it in each round.
struct CostCase {
  Workload workload = Workload::kUnits;
  std::string name = "";  // "units/20", as --only takes it
  Rhythm rhythm = Rhythm::kIdle;
  std::size_t threads = 1;
  double unit_us = 0;          // of computing before each message
  double rate = 0;             // messages a second
  std::uint64_t burst = 0;     // calls of each thread in a burst
  double burst_period_s = 0;   // from one burst to the next
  bool is_severe = false;      // logs with a severity that wakes the flusher, or flushes
  std::size_t neighbours = 0;  // the processes beside it on its core; 0: it has all cores
  int nice = 0;                // of the subject's own threads, where it can choose
  std::uint64_t messages = 0;  // of each request

  /// True when calls that find a full ring or queue wait: what gets through is the throughput.
  [[nodiscard]] bool waits() const { return rhythm == Rhythm::kFlatOut; }
  /// True when figures are compared with those of no logging.
  [[nodiscard]] bool needs_baseline() const {
    return workload != Workload::kBurst && workload != Workload::kLatency &&
           workload != Workload::kStarved;
  }
};

/// All cases, in the order of the report.
std::vector<CostCase> all_cost_cases();

/// Returns the cases that `only` names: workloads ("units") and cases ("rate/10000", "burst/3500x4"
/// for both pauses), separated by commas. All when it is empty. kInvalidArgument names a part that
/// matches none.
absl::StatusOr<std::vector<CostCase>> choose_cost_cases(std::string_view only);

/// Splits at commas; empty parts are left out.
std::vector<std::string> comma_separated(std::string_view text);

}  // namespace metlog
