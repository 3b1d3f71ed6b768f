#pragma once

/// Everything a program needs: the calls, the client, and how to open one.

#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/client.h"
#include "metlog/engine.h"
#include "metlog/log.h"
#include "metlog/message/arg_role.h"
#include "metlog/options.h"
#include "metlog/timer.h"

namespace metlog {

/// Opens a client: `udp://127.0.0.1:5565`, `tcp://127.0.0.1:5565` (ZMQ), `file:///var/log/x.jsonl`,
/// `stdout:`, `null:`; make_sender() has them all. The error says what is wrong with which part.
inline absl::StatusOr<Client> open(std::string_view url, const ClientOptions& options = {}) {
  return Engine::instance().open(url, options);
}

/// The same for programs that cannot go on without: prints the error and exits with 2.
Client open_or_exit(std::string_view url, const ClientOptions& options = {});

}  // namespace metlog
