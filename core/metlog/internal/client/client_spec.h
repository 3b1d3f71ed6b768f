#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/provider/method_table.h"
#include "metlog/options.h"
#include "metlog/providers.h"
#include "metlog/value.h"

namespace metlog {

/// All that a configuration asks for, made and checked, and nothing changed yet.
struct ClientSpec {
  ClientOptions options;
  SenderSpec sender;
  std::vector<MethodTable::NewMethod> methods;
  ValueMap global;
  std::string configuration;  // as JSON, prefixes nested
};

/// `options` is what the configuration has no keys for. Errors name place, value and what would be
/// right.
absl::StatusOr<ClientSpec> make_client_spec(const ValueMap& config, const ClientOptions& options);

}  // namespace metlog
