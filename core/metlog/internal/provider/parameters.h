#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/plugin.h"

namespace metlog {

/// The parameters of a function that is called by name.
struct Parameters {
  std::string_view owner;  // for messages: "incr()", "metlog.senders.UdpSender"
  std::vector<std::string_view> names;
  std::size_t required = 0;  // this many, from the first on, must be given

  /// Returns the arguments in the order of `names`, null for absent ones; they point into
  /// `arguments`. kInvalidArgument names the one that is missing, unknown, given twice or too many.
  [[nodiscard]] absl::StatusOr<std::vector<const Value*>> bind(const Arguments& arguments) const;
};

/// Refuses the parameters of a plugin that are not among `known`: `Unexpected arguments: ['dns']`
/// and what it takes. As check_keys(), it lets options of [DEFAULT] and null pass.
absl::Status refuse_unexpected(const ValueMap& parameters,
                               const std::vector<std::string_view>& known);

}  // namespace metlog
