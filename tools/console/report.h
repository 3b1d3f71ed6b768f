#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace metlog {

/// Writes "metlog: <text>" and a newline to stderr, with the name of the program.
void report(std::string_view text, std::string_view program = "metlog");

/// Reports "<option>: <message>" and returns kExitUsage. `option` had the invalid value.
int refuse(std::string_view option, const absl::Status& status);

// The exit codes of all programs.

inline constexpr int kExitDone = 0;
inline constexpr int kExitLost = 1;   // messages were lost, have no account or could not be written
inline constexpr int kExitUsage = 2;  // wrong usage, or a destination or file that cannot be opened
inline constexpr int kExitInterrupted = 130;  // ended by a signal, with a partial result

}  // namespace metlog
