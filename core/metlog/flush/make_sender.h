#pragma once

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/flush/sender.h"

namespace metlog {

/// The sender that `name` stands for: a URL (`udp://127.0.0.1:5565`, `tcp://127.0.0.1:5565`,
/// `ipc:///run/metlog`, `file:///var/log/x.jsonl?truncate=1`, `stdout:`, `stderr:`, `null:`) or one
/// of the reference's class names (`metlog.senders.dev.StdOutSender`). Options stand in the query,
/// such as `batch=1` for batched frames over tcp, ipc and udp; each sender's header lists its own.
/// kInvalidArgument names the part at fault and lists what would be right; kUnavailable and
/// kPermissionDenied carry the system's reason. Defined in senders/, so that core/ names none.
absl::StatusOr<std::unique_ptr<Sender>> make_sender(std::string_view name);

}  // namespace metlog
