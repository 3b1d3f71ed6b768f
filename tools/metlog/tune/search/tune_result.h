#pragma once

#include <string>
#include <vector>

#include "tools/metlog/tune/search/confirmation.h"

namespace metlog {

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
