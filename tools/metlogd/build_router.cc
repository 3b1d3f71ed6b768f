#include "tools/metlogd/build_router.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "metlog/internal/base/random_id.h"
#include "tools/router/config/config_errors.h"
#include "tools/router/output/dead_letter_file.h"

namespace metlog {
namespace {

/// The status of a section that could not be opened, with its place.
absl::Status at_section(const ConfigPlace& place, const std::string& section,
                        const absl::Status& status) {
  ConfigErrors errors;
  errors.add(place, section, std::string(status.message()));
  return absl::Status(status.code(), errors.errors().front());
}

/// Old inputs have their addresses until the new ones are bound.
absl::Status while_others_run(const absl::Status& status) {
  if (!absl::IsUnavailable(status)) return status;
  return absl::Status(status.code(),
                      fmt::format("{}. If it is the address of an input that runs and is changed, "
                                  "restart metlogd",
                                  std::string(status.message())));
}

/// A dead-letter file that cannot be written is found now, and not with the first loss. One that is
/// full is no reason not to route.
absl::Status check_dead_letters(const RouterPlan::OutputPlan& output) {
  const DeadLetterFile file(output.options.dead_letters);
  if (!file.is_wanted()) return absl::OkStatus();
  const absl::Status status = file.check();
  if (status.ok() || absl::IsResourceExhausted(status)) return absl::OkStatus();
  return at_section(output.place, "output." + output.name + ".dead_letter_file", status);
}

}  // namespace

/// The parts that a plan asks for: those that are there already, and new ones.
struct PlannedRouter::Parts {
  Router::Exchange exchange;
  std::vector<PlannedInput> inputs;
  std::vector<PlannedOutput> outputs;
  Change change;
};

PlannedRouter::PlannedRouter(const RouterPlan& plan)
    : process_identity_(plan.process_identity), stream_{random_id(), 0} {
  Router::Options options;
  options.limits = {.message_bytes = plan.process.max_message_bytes,
                    .depth = plan.process.max_depth,
                    .repair_timestamps = plan.process.repair_timestamps};
  options.refused_input = plan.process.refused_input;
  options.tag_rules = plan.tag_rules;
  if (plan.process.count != 0) {
    options.message_limit = static_cast<std::uint64_t>(plan.process.count);
  }
  router_ = std::make_unique<Router>(options);
}

absl::StatusOr<std::unique_ptr<PlannedRouter>> PlannedRouter::open(const RouterPlan& plan) {
  std::unique_ptr<PlannedRouter> planned(new PlannedRouter(plan));
  Parts parts;
  if (absl::Status status = planned->open_inputs(plan, parts); !status.ok()) return status;
  if (absl::Status status = planned->open_outputs(plan, parts); !status.ok()) return status;
  for (auto& input : parts.exchange.inputs) planned->router_->add_input(std::move(input));
  for (auto& output : parts.exchange.outputs) planned->router_->add_output(std::move(output));
  set_tags(plan, parts.inputs);
  planned->inputs_ = std::move(parts.inputs);
  planned->outputs_ = std::move(parts.outputs);
  return planned;
}

absl::Status PlannedRouter::open_inputs(const RouterPlan& plan, Parts& parts) {
  std::vector<PlannedInput> left = inputs_;
  for (const RouterPlan::InputPlan& wanted : plan.inputs) {
    const auto same = std::find_if(left.begin(), left.end(), [&](const PlannedInput& there) {
      return there.identity == wanted.identity;
    });
    if (same != left.end()) {
      parts.inputs.push_back(std::move(*same));
      left.erase(same);
      ++parts.change.kept;
      continue;
    }
    auto opened = wanted.open();
    if (!opened.ok()) {
      return at_section(wanted.place, "input." + wanted.name,
                        left.empty() ? opened.status() : while_others_run(opened.status()));
    }
    PlannedInput& planned = parts.inputs.emplace_back();
    planned.identity = wanted.identity;
    for (auto& input : *opened) {
      planned.inputs.push_back(input.get());
      parts.exchange.inputs.push_back(std::move(input));
    }
    ++parts.change.added;
  }
  for (const PlannedInput& old : left) {
    parts.exchange.old_inputs.insert(parts.exchange.old_inputs.end(), old.inputs.begin(),
                                     old.inputs.end());
    ++parts.change.removed;
  }
  return absl::OkStatus();
}

void PlannedRouter::set_tags(const RouterPlan& plan, const std::vector<PlannedInput>& inputs) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    for (Input* const input : inputs[i].inputs) input->set_tags(plan.inputs[i].tags);
  }
}

absl::Status PlannedRouter::open_outputs(const RouterPlan& plan, Parts& parts) {
  std::vector<PlannedOutput> left = outputs_;
  for (const RouterPlan::OutputPlan& wanted : plan.outputs) {
    const auto same = std::find_if(left.begin(), left.end(), [&](const PlannedOutput& there) {
      return there.name == wanted.name && there.identity == wanted.identity;
    });
    if (same != left.end()) {
      parts.outputs.push_back(*same);
      left.erase(same);
      ++parts.change.kept;
      continue;
    }
    auto sender = wanted.open();
    if (!sender.ok()) return at_section(wanted.place, "output." + wanted.name, sender.status());
    if (absl::Status status = check_dead_letters(wanted); !status.ok()) return status;
    Output::Options options = wanted.options;
    options.queue.stream = stream_;
    ++stream_.number;
    parts.exchange.outputs.push_back(
        std::make_unique<Output>(wanted.make_encoder(), *std::move(sender), options));
    parts.outputs.push_back({wanted.name, wanted.identity, parts.exchange.outputs.back().get()});
    ++parts.change.added;
  }
  for (const PlannedOutput& old : left) {
    parts.exchange.old_outputs.push_back(old.output);
    ++parts.change.removed;
  }
  return absl::OkStatus();
}

absl::StatusOr<PlannedRouter::Change> PlannedRouter::change_to(const RouterPlan& plan,
                                                               std::chrono::nanoseconds limit) {
  if (plan.process_identity != process_identity_) {
    return at_section(plan.process_place, "metlogd",
                      absl::FailedPreconditionError(
                          "what holds for the whole process was changed, which needs a restart; "
                          "only queue, the preset of outputs, may change meanwhile"));
  }
  Parts parts;
  if (absl::Status status = open_inputs(plan, parts); !status.ok()) return status;
  if (absl::Status status = open_outputs(plan, parts); !status.ok()) return status;
  parts.exchange.tag_rules = plan.tag_rules;
  absl::Status status = router_->exchange(std::move(parts.exchange), limit);
  if (!status.ok()) return status;
  set_tags(plan, parts.inputs);
  inputs_ = std::move(parts.inputs);
  outputs_ = std::move(parts.outputs);
  return parts.change;
}

}  // namespace metlog
