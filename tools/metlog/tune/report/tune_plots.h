#pragma once

#include <string>
#include <vector>

#include "tools/metlog/tune/search/confirmation.h"

namespace metlog {

/// A named distribution of call times: one curve of a plot.
struct NamedTimes {
  std::string name;
  Percentiles times;
};

/// Plots the time of a call against the share of calls that were no slower. Both scales are
/// logarithmic, so that the slow calls have room. Empty when no curve has samples.
std::string percentile_plot(const std::string& title, const std::vector<NamedTimes>& curves);

/// Plots the rows of one axis: throughput, percentile curves of calls alone and in bursts, and for
/// an axis of numbers the time of a call against them. A faulty row is a cross or its remark. Empty
/// when no row has that axis.
std::string axis_plots(Axis axis, const std::vector<Row>& rows);

/// Plots the share of lost messages of each row that lost some; empty when none did.
std::string loss_plot(const std::vector<Row>& rows);

}  // namespace metlog
