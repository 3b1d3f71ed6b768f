#pragma once

#include <functional>
#include <vector>

#include "tools/metlog/tune/search/budget.h"
#include "tools/metlog/tune/search/confirmation.h"

namespace metlog {

/// Searches for the best setting one axis at a time, the most influential first. Each axis is swept
/// with the values that the axes before it have decided; the current value is measured again among
/// the others. Then the load is varied with the choice, and the choice is compared with the
/// defaults in turn. Used by one thread.
class TuneSearch {
 public:
  struct Options {
    Goal goal = Goal::kBalanced;
    Extent extent = Extent::kFull;
    std::vector<Transport> transports;  // at least one; of several the best is chosen
    Setting start;                      // the defaults with the user's load
  };
  using Measure = std::function<Row(Axis axis, const Setting& setting)>;
  using MustStop = std::function<bool()>;

  TuneSearch(Options options, Budget& budget, Measure measure, MustStop must_stop);

  /// The number of points on all axes.
  [[nodiscard]] std::size_t planned_points() const;
  TuneResult run();

 private:
  [[nodiscard]] std::vector<Setting> plan(Axis axis, const Setting& from) const;
  std::vector<Row> sweep(Axis axis);
  void decide(Axis axis, const std::vector<Row>& rows);
  void confirm();
  [[nodiscard]] bool measure_one(Axis axis, const Setting& setting, std::vector<Row>& rows);

  const Options options_;
  Budget& budget_;
  const Measure measure_;
  const MustStop must_stop_;
  Setting current_;
  TuneResult result_;
};

}  // namespace metlog
