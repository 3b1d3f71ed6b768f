#pragma once

#include <string>
#include <vector>

#include "tools/metlog/tune/search/objective.h"

namespace metlog {

/// The defaults and the choice, measured in turn.
struct Confirmation {
  std::vector<Row> defaults;
  std::vector<Row> chosen;  // empty when the choice is the defaults

  /// The factor by which the choice costs less, median of the rounds; 1 when nothing was compared.
  [[nodiscard]] double gain(Goal goal) const;
  /// What either side costs the host, medians of its clean rounds. The error is the larger of
  /// the rounds' half width and of their own errors, by the root of their number.
  struct HostCosts {
    HostCost defaults;
    HostCost chosen;
  };
  [[nodiscard]] HostCosts host_costs() const;
  /// True when the choice is better by more than the noise of so few rounds: no burden against the
  /// defaults, and either they have one against it, or it costs less.
  [[nodiscard]] bool holds(Goal goal) const;
  /// "ccx in 4 of 5 rounds, mixed in 1"
  [[nodiscard]] std::string regimes() const;
};

/// The values of one figure in the clean rows, where known.
std::vector<double> values_of(const std::vector<Row>& rows, double (*figure)(const Row&));

/// A compared figure, and all of them in the order of the table. Negative where it is unknown.
struct Figure {
  std::string_view name;
  std::string_view unit;
  double (*of)(const Row&);
};
const std::vector<Figure>& figures();

/// The result of the search.
struct TuneResult {
  Goal goal = Goal::kBalanced;
  std::vector<Row> rows;  // in the order they were measured, without the confirmation's
  Setting defaults;       // of the chosen transport
  Setting chosen;
  /// True when some measured row may win.
  bool has_choice = false;
  std::vector<std::string> reasons;  // one per axis that was decided
  Confirmation confirmation;
  std::size_t skipped = 0;  // points for which there was no time
  bool is_interrupted = false;
  double seconds = 0;
  std::string version;  // of metlog
  std::string date;     // "2026-11-30T12:00:00Z", when it began

  // Where and how.
  std::string cpu;
  std::string kernel;
  std::size_t processors = 0;
  std::string command;
  std::uint64_t phase_ms = 0;
  std::uint64_t rate = 0;
};

}  // namespace metlog
