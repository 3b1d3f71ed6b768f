#include "metlog/internal/engine/target.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/base/url.h"
#include "metlog/internal/engine/connect/url_factory.h"
#include "metlog/internal/engine/engine_state.h"
#include "metlog/internal/flush/destination_url.h"

namespace metlog {
namespace {

/// A destination whose name and options make sense, and that is not open yet.
struct Plan {
  SenderFactory connect;
  ClientOptions options;
  DestinationRules rules;
};

absl::StatusOr<Plan> plan_for(const ThreadPlace& place, std::string_view text,
                              const ClientOptions& options, DestinationRules rules) {
  absl::StatusOr<Url> url = sender_url(text);
  if (!url.ok()) return url.status();
  absl::StatusOr<Formatter> format = take_format(*url, options.format);
  if (!format.ok()) return format.status();
  const absl::StatusOr<bool> ids = take_ids(*url, options.message_ids);
  if (!ids.ok()) return ids.status();
  if (absl::Status taken = take_rules(*url, rules); !taken.ok()) return taken;
  if (absl::Status checked = check_sender(*url); !checked.ok()) return checked;
  Plan plan{nullptr, options, rules};
  plan.options.format = *std::move(format);
  plan.options.message_ids = *ids;
  plan.connect = UrlFactory(place, *std::move(url));
  return plan;
}

absl::StatusOr<Plan> plan_for(const ThreadPlace& place, const ClientOutput& output,
                              const ClientOptions& common) {
  ClientOptions options = common;
  options.filters.insert(options.filters.end(), output.filters.begin(), output.filters.end());
  if (output.format.has_value()) options.format = *output.format;
  options.pool_size = output.pool_size.value_or(common.pool_size);
  options.batch_bytes = output.batch_bytes.value_or(common.batch_bytes);
  options.batch_count = output.batch_count.value_or(common.batch_count);
  if (absl::Status status = check_options(options); !status.ok()) return status;
  if (output.when_full == WhenFull::kGrow) {
    return absl::InvalidArgumentError(
        "when_full of a destination is kGrow; it takes kDrop, kBlock");
  }
  const DestinationRules rules{output.level.value_or(Severity::kTrace),
                               output.when_full == WhenFull::kBlock, output.is_optional, true};
  if (output.connect != nullptr) return Plan{output.connect, options, rules};
  return plan_for(place, output.url, options, rules);
}

/// What is open when this queue sends; the format as it is written to its destination.
OpenSlot open_slot(const Plan& plan, const SendQueue& first) {
  ClientOptions options = plan.options;
  options.format = shown_on(first.sender().url(), options.format);
  OpenSlot open{plan.connect, std::move(options), std::string(first.sender().url()),
                first.handover()};
  open.level = plan.rules.level;
  open.is_waited_for = plan.rules.is_waited_for;
  return open;
}

/// `All` is Engine::Target::All, whose name is private.
template <class All>
absl::StatusOr<All> only(const Plan& plan,
                         absl::StatusOr<std::unique_ptr<Destination>> destination) {
  if (!destination.ok()) return destination.status();
  All targets;
  targets.push_back({open_slot(plan, (*destination)->queue(0)), *std::move(destination)});
  return targets;
}

std::string number_text(std::size_t index, std::size_t count) {
  return absl::StrCat("destination ", index + 1, " of ", count, ": ");
}

absl::Status with_number(const absl::Status& status, std::size_t index, std::size_t count) {
  return {status.code(), absl::StrCat(number_text(index, count), status.message())};
}

}  // namespace

absl::Status check_destination(const ClientOutput& output, const ClientOptions& options) {
  return plan_for(ThreadPlace(), output, options).status();
}

absl::StatusOr<Engine::Target::All> Engine::Target::make(State& state, std::string_view url,
                                                         const ClientOptions& options) {
  const absl::StatusOr<Plan> plan = plan_for(state.flusher_place, url, options, {});
  if (!plan.ok()) return plan.status();
  return only<All>(*plan, state.destinations->make(plan->connect, plan->options));
}

absl::StatusOr<Engine::Target::All> Engine::Target::make(State& state, const SenderFactory& connect,
                                                         const ClientOptions& options) {
  return only<All>({connect, options, {}}, state.destinations->make(connect, options));
}

absl::StatusOr<Engine::Target::All> Engine::Target::make(State& state,
                                                         std::unique_ptr<Sender> sender,
                                                         const ClientOptions& options) {
  return only<All>({nullptr, options, {}}, state.destinations->make(std::move(sender), options));
}

absl::StatusOr<Engine::Target::All> Engine::Target::make(State& state,
                                                         const std::vector<ClientOutput>& outputs,
                                                         const ClientOptions& options) {
  const std::size_t count = outputs.size();
  if (count == 0 || count > kMaxDestinations) {
    return absl::InvalidArgumentError(absl::StrCat("a client has 1 to ", kMaxDestinations,
                                                   " destinations; ", count, " were named"));
  }
  std::vector<Plan> plans;
  for (std::size_t i = 0; i < count; ++i) {
    absl::StatusOr<Plan> plan = plan_for(state.flusher_place, outputs[i], options);
    if (!plan.ok()) return with_number(plan.status(), i, count);
    plans.push_back(*std::move(plan));
  }
  All targets;
  absl::Status first_failure;
  for (std::size_t i = 0; i < count; ++i) {
    auto destination = state.destinations->make(plans[i].connect, plans[i].options);
    if (destination.ok()) {
      targets.push_back({open_slot(plans[i], (*destination)->queue(0)), *std::move(destination)});
      continue;
    }
    const absl::Status failure = with_number(destination.status(), i, count);
    if (!plans[i].rules.is_optional) return failure;
    first_failure.Update(failure);
    diagnose("the client '%s' goes on without %s", options.logger.c_str(),
             std::string(failure.message()).c_str());
  }
  if (targets.empty()) return first_failure;
  return targets;
}

}  // namespace metlog
