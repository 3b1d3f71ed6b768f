#pragma once

/// Everything a program needs. A source that only makes calls includes <metlog/log.h>, which takes
/// a quarter of the time to compile; docs/headers.md says what each header gives and costs.

#include "metlog/internal/base/hide_macros.inc"  // first

#include <initializer_list>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/backtrace.h"
#include "metlog/client.h"
#include "metlog/client_config.h"
#include "metlog/client_output.h"
#include "metlog/context.h"
#include "metlog/coroutine_context.h"
#include "metlog/decorators.h"
#include "metlog/default_log.h"
#include "metlog/engine.h"
#include "metlog/error_kind.h"
#include "metlog/holder.h"
#include "metlog/host_logger.h"
#include "metlog/internal/site/arg.h"
#include "metlog/levels.h"
#include "metlog/log.h"
#include "metlog/make_sender.h"
#include "metlog/methods.h"
#include "metlog/options.h"
#include "metlog/percent.h"
#include "metlog/providers.h"
#include "metlog/secret.h"
#include "metlog/senders.h"
#include "metlog/signal_safe.h"
#include "metlog/timed.h"
#include "metlog/timer.h"
#include "metlog/trace_context.h"

namespace metlog {

/// Opens a client: `udp://127.0.0.1:5565`, `tcp://127.0.0.1:5565` (ZMQ), `file:///var/log/x.jsonl`,
/// `stdout:`, `null:`; make_sender() describes all URLs. The error names the part that is wrong.
/// Thread-safe.
inline absl::StatusOr<Client> open(std::string_view url, const ClientOptions& options = {}) {
  return Engine::instance().open(url, options);
}
/// Opens a client whose messages go to a sender that the program made, such as
/// make_stream_sender(). It has one connection, which a forked child does not get.
inline absl::StatusOr<Client> open(std::unique_ptr<Sender> sender,
                                   const ClientOptions& options = {}) {
  return Engine::instance().open(std::move(sender), options);
}
/// Opens a client with several destinations, each with a level, a format, filters, a queue and an
/// account of its own: `metlog::open({"stderr:?format=pattern&level=warning", "file:app.jsonl"})`.
/// See ClientOutput. When one is wrong or cannot be opened, nothing is left open.
inline absl::StatusOr<Client> open(std::initializer_list<ClientOutput> outputs,
                                   const ClientOptions& options = {}) {
  return Engine::instance().open(std::vector<ClientOutput>(outputs), options);
}
inline absl::StatusOr<Client> open(const std::vector<ClientOutput>& outputs,
                                   const ClientOptions& options = {}) {
  return Engine::instance().open(outputs, options);
}

/// Gives an open client another destination and other options while other threads make calls: what
/// was emitted before goes to the old destination, as far as the flusher sees it, and everything
/// later to the new one. Options that are not given return to their defaults. The old destination
/// is closed within its close_limit; what it has not taken by then is lost as `expired`, and what
/// it left in the rings goes to the new one. stats() covers both. After an error the client is
/// unchanged; kFailedPrecondition when it is closed; kDeadlineExceeded when a filter or formatter
/// has run for the client's close_limit: it names the client whose it is. As with closing, no other
/// thread opens, moves, closes or reconfigures this client meanwhile.
inline absl::Status reconfigure(Client& client, std::string_view url,
                                const ClientOptions& options = {}) {
  return Engine::reconfigure(client, url, options);
}
/// Does the same with a sender that the program made.
inline absl::Status reconfigure(Client& client, std::unique_ptr<Sender> sender,
                                const ClientOptions& options = {}) {
  return Engine::reconfigure(client, std::move(sender), options);
}
/// Does the same with several destinations, from and to any number of them. The first one continues
/// the account of the first, the second that of the second, and so on. One that is added counts
/// earlier calls as `filtered`; one that is removed has sent what it got within the close_limit,
/// and its account stays in stats(). When one is wrong or cannot be opened, nothing has changed,
/// and the message has its number.
inline absl::Status reconfigure(Client& client, std::initializer_list<ClientOutput> outputs,
                                const ClientOptions& options = {}) {
  return Engine::reconfigure(client, std::vector<ClientOutput>(outputs), options);
}
inline absl::Status reconfigure(Client& client, const std::vector<ClientOutput>& outputs,
                                const ClientOptions& options = {}) {
  return Engine::reconfigure(client, outputs, options);
}

/// Opens a client; on an error prints it and ends the program with exit code 2.
Client open_or_exit(std::string_view url, const ClientOptions& options = {});

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
