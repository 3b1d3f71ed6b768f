#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/provider/method_table.h"
#include "metlog/options.h"
#include "metlog/providers.h"
#include "metlog/value.h"

namespace metlog {

/// Everything that a configuration asks for, made and checked; nothing is changed yet.
struct ClientSpec {
  ClientOptions options;
  SenderSpec sender;
  std::vector<MethodTable::NewMethod> methods;
  ValueMap global;
  ValueMap engine;         // the keys engine_*, checked
  ValueMap configuration;  // prefixes nested
};

/// Returns a client's options with what the sender prescribes.
ClientOptions options_for(const SenderSpec& sender, ClientOptions options);

/// `config` has its prefixes nested; `options` holds what a configuration has no keys for. Errors
/// name place, value and what would be right.
absl::StatusOr<ClientSpec> make_client_spec(ValueMap config, const ClientOptions& options);

/// Returns the keys of a configuration that have no effect: those that metlog does not read, and
/// arguments of a sender that mean nothing to it.
std::vector<std::string> unread_keys(const ClientSpec& spec);

}  // namespace metlog
