#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bench/host_cost/cost_case.h"
#include "bench/host_cost/measurement.h"
#include "bench/spread.h"

namespace metlog {

/// All rounds of one subject in one case.
struct BillRow {
  std::string subject;
  std::vector<Measurement> rounds;  // those that gave figures
  std::vector<std::string> errors;  // of those that did not

  /// False when no round has the figure.
  [[nodiscard]] bool has(std::string_view figure) const;
  [[nodiscard]] Spread spread(std::string_view figure) const;
  /// The sum over all rounds.
  [[nodiscard]] double sum(std::string_view figure) const;
  /// Each round's value, in the order of the rounds.
  [[nodiscard]] std::vector<double> values(std::string_view figure) const;
  /// The names of all figures, sorted.
  [[nodiscard]] std::vector<std::string> figure_names() const;
  /// The threads of the rounds, by process and name; each figure is the median of the rounds in
  /// which there was such a thread.
  [[nodiscard]] std::vector<Measurement::Threads> threads() const;
};

/// The rows of one case.
struct BillCase {
  CostCase cost_case;
  std::vector<BillRow> rows;
};

/// What was run, for the report.
struct BillOrigin {
  std::size_t rounds = 0;  // that were completed
  double seconds = 0;
  double steps_per_us = 0;  // of computing, on this machine
  bool is_interrupted = false;
};

/// True when every measurement gave figures and no message is unaccounted for.
bool is_sound(const std::vector<BillCase>& bill);

/// Tables for a person: one for each case, with its threads below.
std::string to_text(const std::vector<BillCase>& bill, const BillOrigin& origin);

/// One JSON object with all figures of all rounds.
std::string to_json(const std::vector<BillCase>& bill, const BillOrigin& origin);

}  // namespace metlog
