#pragma once

#include <string>
#include <vector>

#include "tools/metlog/tune/search/objective.h"

namespace metlog {

/// The defaults and the choice, measured by turns.
struct Confirmation {
  std::vector<Row> defaults;
  std::vector<Row> chosen;  // empty when the choice is the defaults

  /// By what factor the choice costs less, the median over the rounds; 1 for nothing to compare.
  [[nodiscard]] double gain(Goal goal) const;
  /// Whether the choice is better by more than the noise of so few rounds.
  [[nodiscard]] bool holds(Goal goal) const;
  /// "ccx in 4 of 5 rounds, mixed in 1"
  [[nodiscard]] std::string regimes() const;
};

/// The clean rows' values of one figure, where they are known.
std::vector<double> values_of(const std::vector<Row>& rows, double (*figure)(const Row&));

/// What is compared, in the order of the table.
struct Figure {
  std::string_view name;
  std::string_view unit;
  double (*of)(const Row&);
};
const std::vector<Figure>& figures();

/// All that was learnt.
struct TuneResult {
  Goal goal = Goal::kBalanced;
  std::vector<Row> rows;  // in the order they were measured, without the confirmation's
  Setting defaults;       // of the chosen transport
  Setting chosen;
  /// Whether anything was measured that may win.
  bool has_choice = false;
  std::vector<std::string> reasons;  // one for each axis that was decided
  Confirmation confirmation;
  std::size_t skipped = 0;  // points that there was no time for
  bool is_interrupted = false;
  double seconds = 0;

  // Where and how.
  std::string cpu;
  std::string kernel;
  std::size_t processors = 0;
  std::string command;
  std::uint64_t phase_ms = 0;
  std::uint64_t rate = 0;
};

}  // namespace metlog
