#include "metlog/client_config.h"

#include <utility>

#include "metlog/engine.h"
#include "metlog/holder.h"
#include "metlog/internal/client/client_spec.h"
#include "metlog/internal/client/option_keys.h"
#include "metlog/internal/config/config_error.h"
#include "metlog/internal/config/json_writer.h"
#include "metlog/internal/engine/client_state.h"

namespace metlog {
namespace {

/// Opens a sender's destination: `with` is called with a factory, a URL or a sender.
template <class With>
auto open_by(const SenderSpec& sender, const With& with) -> decltype(with(std::string_view())) {
  if (sender.connect) return with(sender.connect);
  if (!sender.make) return with(std::string_view(sender.url));
  absl::StatusOr<std::unique_ptr<Sender>> made = sender.make();
  if (!made.ok()) return made.status();
  return with(*std::move(made));
}

/// The same for what a configuration names, which may be several.
template <class With>
auto open_by(const ClientSpec& plan, const With& with) -> decltype(with(std::string_view())) {
  return plan.outputs.empty() ? open_by(plan.sender, with) : with(plan.outputs);
}

Holder& holder_of(const Configuring& how) {
  return how.holder != nullptr ? *how.holder : Holder::instance();
}

/// The logger of a client whose configuration names none: that of get_client(name) is its name.
std::string default_logger(const Client& client, ClientState& state, const Configuring& how) {
  std::string logger;
  {
    const std::lock_guard lock(state.mutex);
    logger = state.options.logger;
  }
  return holder_of(how).holds(logger, client) ? logger : std::string();
}

/// The steps that cannot fail, once everything else has worked.
void complete(Client& client, const ClientSpec& plan, const Configuring& how) {
  ClientExtras& extras = state_of(client)->extras;
  extras.note_destination(plan.sender.is_active, plan.sender.capture);
  {
    const std::lock_guard lock(extras.mutex);
    extras.configuration = plan.configuration;
  }
  Holder& holder = holder_of(how);
  if (how.clear_global) holder.clear_global_config();
  holder.merge_global_config(plan.global);
  if (how.unknown_keys != nullptr) *how.unknown_keys = unread_keys(plan);
}

/// A dictionary of the program's, which has no origins and flat prefixes yet.
absl::StatusOr<ValueMap> nested(ValueMap config) {
  name_paths(config);
  if (absl::Status status = nest_prefixes(config, nested_prefixes()); !status.ok()) return status;
  return config;
}

absl::StatusOr<ClientSpec> plan_of(absl::StatusOr<ValueMap> config, const Configuring& how) {
  if (!config.ok()) return config.status();
  return make_client_spec(*std::move(config), how.options);
}

absl::StatusOr<Client> make(absl::StatusOr<ValueMap> config, const Configuring& how) {
  const absl::StatusOr<ClientSpec> plan = plan_of(std::move(config), how);
  if (!plan.ok()) return plan.status();
  if (absl::Status status = configure_engine(plan->engine, how.engine); !status.ok()) return status;
  Engine& engine = how.engine != nullptr ? *how.engine : Engine::instance();
  absl::StatusOr<Client> client =
      open_by(*plan, [&](auto where) { return engine.open(std::move(where), plan->options); });
  if (!client.ok()) return client.status();
  const auto added = state_of(*client)->extras.methods.add(plan->methods);
  if (!added.ok()) return added.status();
  complete(*client, *plan, how);
  return client;
}

absl::Status apply(absl::StatusOr<ClientSpec> plan, Client& client, const Configuring& how) {
  if (!plan.ok()) return plan.status();
  ClientState* const state = state_of(client);
  if (state == nullptr) {
    return absl::FailedPreconditionError("the client was moved from; configure the one it became");
  }
  if (absl::Status status = configure_engine(plan->engine, state->engine); !status.ok()) {
    return status;
  }
  ClientOptions& options = plan->options;
  if (options.logger.empty()) options.logger = default_logger(client, *state, how);
  ClientExtras& extras = state->extras;
  const std::lock_guard lock(extras.configuring);
  const auto added = extras.methods.add(plan->methods);
  if (!added.ok()) return added.status();
  absl::Status reopened = open_by(*plan, [&](auto where) {
    return Engine::reconfigure(client, std::move(where), plan->options);
  });
  if (!reopened.ok()) {
    extras.methods.undo(*added);
    return reopened;
  }
  complete(client, *plan, how);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Client> client_from_dict_config(const ValueMap& config, const Configuring& how) {
  return make(nested(config), how);
}
absl::StatusOr<Client> client_from_text_config(std::string_view text, std::string_view section,
                                               const Configuring& how) {
  return make(dict_from_text_config(text, section, how.reading), how);
}
absl::StatusOr<Client> client_from_stream_config(std::istream& stream, std::string_view section,
                                                 const Configuring& how) {
  return make(dict_from_stream_config(stream, section, how.reading), how);
}
absl::StatusOr<Client> client_from_file_config(const std::string& path, std::string_view section,
                                               const Configuring& how) {
  return make(dict_from_file_config(path, section, how.reading), how);
}
absl::StatusOr<Client> client_from_json_config(std::string_view text, const Configuring& how) {
  return make(dict_from_json_config(text, how.reading), how);
}

absl::Status client_from_dict_config(const ValueMap& config, Client& client,
                                     const Configuring& how) {
  return apply(plan_of(nested(config), how), client, how);
}
absl::Status client_from_text_config(std::string_view text, std::string_view section,
                                     Client& client, const Configuring& how) {
  return apply(plan_of(dict_from_text_config(text, section, how.reading), how), client, how);
}
absl::Status client_from_stream_config(std::istream& stream, std::string_view section,
                                       Client& client, const Configuring& how) {
  return apply(plan_of(dict_from_stream_config(stream, section, how.reading), how), client, how);
}
absl::Status client_from_file_config(const std::string& path, std::string_view section,
                                     Client& client, const Configuring& how) {
  return apply(plan_of(dict_from_file_config(path, section, how.reading), how), client, how);
}
absl::Status client_from_json_config(std::string_view text, Client& client,
                                     const Configuring& how) {
  return apply(plan_of(dict_from_json_config(text, how.reading), how), client, how);
}

absl::StatusOr<Client*> get_client(std::string_view name, const ValueMap& config,
                                   const Configuring& how) {
  Holder& holder = holder_of(how);
  if (config.empty()) return &holder.get_client(name);
  ValueMap named = config;
  const Value* const logger = named.find("logger");
  const bool is_empty = logger == nullptr || logger->is_null() || *logger == Value("");
  if (!is_empty && *logger != Value(name)) {
    holder.get_client(name);
    return value_error("logger", *logger,
                       "Config `logger` value must either match `name` argument or be left blank.");
  }
  if (is_empty) named.set("logger", name);
  absl::StatusOr<ClientSpec> plan = plan_of(nested(std::move(named)), how);
  // Before the client is made, for that starts the engine.
  if (plan.ok() && how.engine == nullptr && how.holder == nullptr) {
    if (absl::Status status = configure_engine(plan->engine, nullptr); !status.ok()) plan = status;
  }
  Client& client = holder.get_client(name);
  const absl::Status status = apply(std::move(plan), client, how);
  if (!status.ok()) return status;
  return &client;
}

absl::StatusOr<Client> open(const SenderSpec& sender, const ClientOptions& options) {
  const ClientOptions chosen = options_for(sender, options);
  absl::StatusOr<Client> client = open_by(
      sender, [&](auto where) { return Engine::instance().open(std::move(where), chosen); });
  if (client.ok()) {
    state_of(*client)->extras.note_destination(sender.is_active, sender.capture);
  }
  return client;
}

absl::Status reconfigure(Client& client, const SenderSpec& sender, const ClientOptions& options) {
  const ClientOptions chosen = options_for(sender, options);
  absl::Status status = open_by(
      sender, [&](auto where) { return Engine::reconfigure(client, std::move(where), chosen); });
  if (status.ok()) state_of(client)->extras.note_destination(sender.is_active, sender.capture);
  return status;
}

std::string configuration_of(const Client& client) {
  ClientState* const state = state_of(client);
  if (state == nullptr) return "";
  const std::lock_guard lock(state->extras.mutex);
  const ValueMap& configuration = state->extras.configuration;
  return configuration.empty() ? "" : to_json(configuration);
}

std::shared_ptr<const DebugCapture> debug_capture(const Client& client) {
  ClientState* const state = state_of(client);
  if (state == nullptr) return nullptr;
  const std::lock_guard lock(state->extras.mutex);
  return state->extras.capture;
}

}  // namespace metlog
