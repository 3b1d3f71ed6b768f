#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/client_output.h"
#include "metlog/internal/provider/method_table.h"
#include "metlog/options.h"
#include "metlog/providers.h"
#include "metlog/value.h"

namespace metlog {

/// Everything that a configuration asks for, made and checked; nothing is changed yet.
struct ClientSpec {
  ClientOptions options;
  SenderSpec sender;
  std::vector<ClientOutput> outputs;  // several destinations in its place, or none
  std::vector<MethodTable::NewMethod> methods;
  ValueMap global;
  ValueMap engine;         // the keys engine_*, checked
  ValueMap configuration;  // prefixes nested
};

/// Returns a client's options with what the sender prescribes.
ClientOptions options_for(const SenderSpec& sender, ClientOptions options);

/// Adds what the key `filters` asks for.
absl::Status read_filters(const ValueMap& config, ClientOptions& options);

/// Reads `destinations`, a list of a client's: each is a URL, or a map of `url` and the members of
/// ClientOutput under their names in code, filters and formats as a client has them. One that is
/// not in a list is a list of one. `options` are the client's. Nothing is opened. kInvalidArgument
/// with the place, the value, the destination's number and what is wrong with it.
absl::StatusOr<std::vector<ClientOutput>> read_destinations(const Value& value,
                                                            const ClientOptions& options);

/// `config` has its prefixes nested; `options` holds what a configuration has no keys for. Errors
/// name place, value and what would be right.
absl::StatusOr<ClientSpec> make_client_spec(ValueMap config, const ClientOptions& options);

/// Returns the keys of a configuration that have no effect: those that metlog does not read, and
/// arguments of a sender that mean nothing to it.
std::vector<std::string> unread_keys(const ClientSpec& spec);

}  // namespace metlog
