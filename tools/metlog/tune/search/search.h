#pragma once

#include <functional>
#include <vector>

#include "tools/metlog/tune/search/budget.h"
#include "tools/metlog/tune/search/confirmation.h"

namespace metlog {

/// Looks for the best setting one axis at a time, the most influential first: each axis is swept
/// with what the ones before it have decided, the current value measured again among the others.
/// Then the load is varied with the choice, and the choice compared with the defaults by turns.
/// Used by one thread.
class TuneSearch {
 public:
  struct Options {
    Goal goal = Goal::kBalanced;
    Extent extent = Extent::kFull;
    std::vector<Transport> transports;  // at least one
    Setting start;                      // the defaults under the user's load
  };
  using Measure = std::function<Row(Axis axis, const Setting& setting)>;
  using MustStop = std::function<bool()>;

  TuneSearch(Options options, Budget& budget, Measure measure, MustStop must_stop);

  /// How many points all the axes have.
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
