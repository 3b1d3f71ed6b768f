#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/router/config/router_plan.h"
#include "tools/router/router.h"

namespace metlog {

/// A router that was made of a plan, so that it can be changed to another one while it runs. Used
/// by one thread.
class PlannedRouter {
 public:
  /// Binds the inputs and opens the outputs of a plan without errors. The status names the section
  /// or option at fault and what to do about it.
  static absl::StatusOr<std::unique_ptr<PlannedRouter>> open(const RouterPlan& plan);

  [[nodiscard]] Router& router() { return *router_; }

  struct Change {
    std::size_t kept = 0;
    std::size_t added = 0;
    std::size_t removed = 0;
  };
  /// Changes the router to a plan without errors. Inputs and outputs that are configured as before
  /// go on untouched; what replaces others is opened first, so that all is as before when that
  /// fails. Old outputs have `limit` to send what they have.
  absl::StatusOr<Change> change_to(const RouterPlan& plan, std::chrono::nanoseconds limit);

 private:
  /// What a section of the plan was made into.
  struct PlannedInput {
    std::string identity;
    std::vector<Input*> inputs;
  };
  struct PlannedOutput {
    std::string name;
    std::string identity;
    const Output* output;
  };
  struct Parts;  // to build and to replace

  explicit PlannedRouter(const RouterPlan& plan);
  absl::Status open_inputs(const RouterPlan& plan, Parts& parts);
  /// Gives inputs, which are those of the plan in its order, their tags.
  static void set_tags(const RouterPlan& plan, const std::vector<PlannedInput>& inputs);
  absl::Status open_outputs(const RouterPlan& plan, Parts& parts);

  const std::string process_identity_;
  std::unique_ptr<Router> router_;
  StreamId stream_;  // of the next output
  std::vector<PlannedInput> inputs_;
  std::vector<PlannedOutput> outputs_;
};

}  // namespace metlog
