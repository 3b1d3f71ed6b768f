#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/metlog/tune/measure/row.h"

namespace metlog {

/// The aim of the choice.
enum class Goal : std::uint8_t { kLatency, kThroughput, kMemory, kBalanced };
std::string_view name_of(Goal goal);
std::optional<Goal> parse_goal(std::string_view name);
/// Explains what counts, in words.
std::string_view meaning_of(Goal goal);

/// A call's time as one number, in ns: the geometric mean of p50 and p99, alone and in bursts.
double call_ns(const Row& row);

/// Lower is better; a difference d means e^d times as good. Infinite for a row that may not win.
double cost_of(const Row& row, Goal goal);

/// What makes a row worse for the host than another, if it may not win against it.
enum class Burden : std::uint8_t {
  kNone,
  kKeepsLess,   // busy workers keep less beside it
  kIdlesDearer  // the idle process takes more of a processor
};

/// kIdlesDearer when it is over a tenth of a processor more; not for Goal::kLatency, which may give
/// a processor away. kKeepsLess when it is more than a point less and more than the errors of the
/// two figures, unless the other idles dearer. kNone when a figure is unknown.
Burden burden_of(const HostCost& cost, const HostCost& other, Goal goal);

/// The share by which a row must beat another: less is noise.
inline constexpr double kMinGain = 0.05;

/// Returns the index of the winner. A clean row that idles dearer than the one that idles at
/// the least is out, and so is, of the rest, one that keeps less than the one that keeps most: no
/// nanoseconds at the call buy back what logging takes from the host. Of what remains it is
/// `current`, unless the cheapest row beats that by kMinGain. Empty when no row may win.
std::optional<std::size_t> best_of(const std::vector<Row>& rows, std::size_t current, Goal goal);

}  // namespace metlog
