#pragma once

#include "absl/status/statusor.h"
#include "metlog/internal/provider/provider_table.h"
#include "metlog/plugin.h"
#include "metlog/providers.h"

namespace metlog {

// The reference's senders of `metlog.senders.dev`, as their constructors are called. A formatter is
// a name as make_formatter() takes it; without one, messages are indented JSON.

/// `StreamSender(stream, formatter=none)`; a configuration's streams are `stdout` and `stderr`. One
/// of the program's own is opened by hand, see make_stream_sender().
absl::StatusOr<SenderSpec> plan_stream(const Arguments& arguments);
/// `StdOutSender(formatter=none)`
absl::StatusOr<SenderSpec> plan_stdout(const Arguments& arguments);
/// `FileSender(filepath, formatter=none)`
absl::StatusOr<SenderSpec> plan_file(const Arguments& arguments);
/// `DebugCaptureSender(**anything)`
absl::StatusOr<SenderSpec> plan_capture(const Arguments& arguments);

/// The reference's `metlog.senders.logging.StdLibLoggingSender(logger_name=none,
/// payload_types=["oldstyle"], json_types=["*"])`: a host logger by its name, see
/// host_logger.h; without one, the root. Messages of neither list are filtered.
absl::StatusOr<SenderSpec> plan_host_logger(const Arguments& arguments);

/// Adds the reference's senders of the module `zmq`.
void add_zmq_senders(ProviderTable<SenderProvider>& table);

}  // namespace metlog
