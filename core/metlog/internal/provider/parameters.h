#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/plugin.h"

namespace metlog {

/// What something that is called by name takes.
struct Parameters {
  std::string_view owner;  // for messages: "incr()", "metlog.senders.UdpSender"
  std::vector<std::string_view> names;
  std::size_t required = 0;  // the first so many must be given

  /// The arguments in the order of `names`, null for those not given; they point into `arguments`.
  /// kInvalidArgument names the one that is missing, unknown, given twice or too many.
  [[nodiscard]] absl::StatusOr<std::vector<const Value*>> bind(const Arguments& arguments) const;
};

}  // namespace metlog
