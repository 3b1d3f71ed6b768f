#pragma once

#include <string>
#include <vector>

#include "tools/metlog/tune/search/confirmation.h"

namespace metlog {

/// A named distribution of call times.
struct NamedTimes {
  std::string name;
  Percentiles times;
};

/// Call time against the share of calls that were no slower, both stretched towards the slow ones.
std::string percentile_plot(const std::string& title, const std::vector<NamedTimes>& curves);
/// What the rows of one axis have in common, as figures: percentile curves, throughput, and for
/// numbers the call's time against them.
std::string axis_plots(Axis axis, const std::vector<Row>& rows);
/// The share that was lost, of every row that lost; empty when none did.
std::string loss_plot(const std::vector<Row>& rows);

}  // namespace metlog
