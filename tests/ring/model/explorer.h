#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_set>

#include "tests/ring/model/model_machine.h"
#include "tests/ring/model/model_state.h"

namespace metlog {

/// The result of an exploration, which ends at the first violation.
struct Exploration {
  std::uint64_t executions = 0;  // complete ones that differ in what some access gave
  std::uint64_t states = 0;
  std::string violation;  // empty when every execution is sound
  std::string schedule;   // of the violation: the steps' threads, each with its choice
};

/// Returns the fault of a state; empty for none.
using ModelCheck = std::function<std::string(const ModelState&)>;

/// Explores every schedule of the machine's threads and every store that each load may read, depth
/// first. The results of all accesses determine a state, so one that was reached by another order
/// of independent steps is not explored twice.
class Explorer {
 public:
  /// `at_every_state` is asked after every step; `at_end` when all threads have finished.
  Explorer(ModelMachine& machine, ModelCheck at_every_state, ModelCheck at_end)
      : machine_(machine), at_every_state_(std::move(at_every_state)), at_end_(std::move(at_end)) {}

  Exploration explore(const ModelState& initial);

 private:
  void visit(const ModelState& state);
  void branch(const ModelState& state, int thread);
  // True when the state is sound and new.
  bool is_worth_visiting(const ModelState& state);
  void fail(const std::string& violation);

  ModelMachine& machine_;
  ModelCheck at_every_state_;
  ModelCheck at_end_;
  Exploration found_;
  std::string path_;
  std::unordered_set<std::string> visited_;
};

}  // namespace metlog
