#include "tools/metlog/keygen.h"

#include <fmt/format.h>

#include "senders/zmq/curve_keys.h"
#include "tools/console/report.h"
#include "tools/console/terminal.h"

namespace metlog {

int run_keygen(const KeygenOptions& options) {
  const absl::StatusOr<CurveKeyPair> keys = make_curve_keys();
  const absl::Status status =
      keys.ok() ? write_curve_keys(options.stem, *keys) : absl::Status(keys.status());
  if (!status.ok()) {
    report({status.message().data(), status.message().size()});
    return kExitUsage;
  }
  return print(fmt::format("{0}.key (secret) and {0}.pub\n", options.stem));
}

}  // namespace metlog
