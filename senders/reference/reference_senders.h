#pragma once

#include "absl/status/statusor.h"
#include "metlog/plugin.h"
#include "metlog/providers.h"

namespace metlog {

// The reference's senders of `metlog.senders.dev`, as their constructors are called. A formatter is
// a name as make_formatter() takes it; without one, messages are indented JSON.

/// `StreamSender(stream, formatter=none)`; a configuration's streams are `stdout` and `stderr`. One
/// of the program's own is opened by hand, see make_stream_sender().
absl::StatusOr<SenderPlan> plan_stream(const Arguments& arguments);
/// `StdOutSender(formatter=none)`
absl::StatusOr<SenderPlan> plan_stdout(const Arguments& arguments);
/// `FileSender(filepath, formatter=none)`
absl::StatusOr<SenderPlan> plan_file(const Arguments& arguments);
/// `DebugCaptureSender(**anything)`
absl::StatusOr<SenderPlan> plan_capture(const Arguments& arguments);

}  // namespace metlog
