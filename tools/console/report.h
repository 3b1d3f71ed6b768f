#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace metlog {

/// Writes "metlog: <text>" and a newline to stderr.
void report(std::string_view text);

/// Reports the status and returns kExitUsage. `option` is what held the value at fault.
int refuse(std::string_view option, const absl::Status& status);

inline constexpr int kExitDone = 0;
inline constexpr int kExitLost = 1;   // messages were lost, or something cannot be accounted for
inline constexpr int kExitUsage = 2;  // wrong usage, or a destination or file that cannot be opened
inline constexpr int kExitInterrupted = 130;  // ended by a signal, with what it had

}  // namespace metlog
