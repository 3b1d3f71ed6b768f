#pragma once

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
  ValueMap configuration;  // prefixes nested
};

/// `config` has its prefixes nested; `options` holds what a configuration has no keys for. Errors
/// name place, value and what would be right.
absl::StatusOr<ClientSpec> make_client_spec(ValueMap config, const ClientOptions& options);

}  // namespace metlog
