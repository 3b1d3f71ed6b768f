#pragma once

#include <iosfwd>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/sender.h"

namespace metlog {

/// The sender that `name` stands for: a URL (`udp://127.0.0.1:5565`, `tcp://127.0.0.1:5565`,
/// `ipc:///run/metlog`, `file:///var/log/x.jsonl?truncate=1`, `stdout:`, `stderr:`, `null:`) or one
/// of the reference's class names (`metlog.senders.dev.StdOutSender`). Options stand in the query,
/// such as `batch=1` for batched frames over tcp, ipc and udp; each sender's header lists its own.
/// kInvalidArgument names the part at fault and lists what would be right; kUnavailable and
/// kPermissionDenied carry the system's reason. Defined in senders/, so that core/ names none.
absl::StatusOr<std::unique_ptr<Sender>> make_sender(std::string_view name);

/// One that writes a line a message to a stream of the program's own, which outlives it and which
/// nobody else uses meanwhile: `metlog::open(metlog::make_stream_sender(out), options)`. A batch,
/// at most what a round of the flusher has found, is one write() and one flush(). What the stream
/// refuses is lost as `refused`; the next batch is tried again. Defined there, too.
std::unique_ptr<Sender> make_stream_sender(std::ostream& stream);

}  // namespace metlog
