#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <functional>
#include <iosfwd>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/sender.h"

namespace metlog {

/// Opens one connection of a destination. Called once for each connection, and again in a forked
/// child; one thread at a time.
using SenderFactory = std::function<absl::StatusOr<std::unique_ptr<Sender>>()>;

/// Makes the sender that `name` describes: a URL (`udp://127.0.0.1:5565`, `tcp://127.0.0.1:5565`,
/// `ipc:///run/metlog`, `file:///var/log/x.jsonl?truncate=1`, `syslog:`, `stdout:`, `null:`) or one
/// of the reference's class names (`metlog.senders.dev.StdOutSender`). The query holds options,
/// such as `batch=1` for batched frames over tcp, ipc and udp; each sender's header lists its own.
/// Without `batch` each message is a frame; only a client that is opened with a URL lets its reader
/// choose (docs/wire.md).
/// kInvalidArgument names the wrong part and lists what is allowed; kUnavailable and
/// kPermissionDenied carry the system's reason. Defined in senders/, as core/ includes no sender.
absl::StatusOr<std::unique_ptr<Sender>> make_sender(std::string_view name);

/// Makes a sender that writes each message as one line to a stream of the program, which outlives
/// the sender and is used by no other thread meanwhile:
/// `metlog::open(metlog::make_stream_sender(out), options)`. A batch is one write() and one
/// flush(). What the stream refuses is lost as `refused`; the next batch is tried again. Defined in
/// senders/.
std::unique_ptr<Sender> make_stream_sender(std::ostream& stream);

/// Asks every `file:` sender of this process to look at its path at once, and not only with its
/// next message: a file that was moved or removed is opened again within a second. For a program
/// to which a log rotation sends a signal. Any thread may call it, and a signal handler. Defined in
/// senders/.
void reopen_files() noexcept;

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
