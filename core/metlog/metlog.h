#pragma once

/// Everything a program needs: the calls, the client, and how to open one.

#include <memory>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/client.h"
#include "metlog/engine.h"
#include "metlog/internal/site/arg_role.h"
#include "metlog/log.h"
#include "metlog/options.h"
#include "metlog/timed.h"
#include "metlog/timer.h"

namespace metlog {

/// Opens a client: `udp://127.0.0.1:5565`, `tcp://127.0.0.1:5565` (ZMQ), `file:///var/log/x.jsonl`,
/// `stdout:`, `null:`; make_sender() has them all. The error says what is wrong with which part.
inline absl::StatusOr<Client> open(std::string_view url, const ClientOptions& options = {}) {
  return Engine::instance().open(url, options);
}

/// Gives a living client another destination and other options, while calls go on in other threads:
/// what was emitted before goes to the old destination, as far as the flusher sees it, and
/// everything later to the new one. Options that are not given return to their defaults. The old
/// destination is closed within its close_limit; what it has not taken by then is lost as
/// `expired`, and what it left in the rings goes to the new one. stats() covers both. On an error
/// the client stays as it is; kFailedPrecondition when it is closed. As with closing, no other
/// thread opens, moves, closes or re-configures this client meanwhile.
inline absl::Status reconfigure(Client& client, std::string_view url,
                                const ClientOptions& options = {}) {
  return Engine::reconfigure(client, url, options);
}
/// The same with a destination of the user's own.
inline absl::Status reconfigure(Client& client, std::unique_ptr<Sender> sender,
                                const ClientOptions& options = {}) {
  return Engine::reconfigure(client, std::move(sender), options);
}

/// open() for programs that cannot go on without: prints the error and exits with 2.
Client open_or_exit(std::string_view url, const ClientOptions& options = {});

}  // namespace metlog
