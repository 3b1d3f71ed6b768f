#pragma once

namespace metlog {

inline constexpr int kExitDone = 0;
inline constexpr int kExitLost = 1;   // messages were lost, or something cannot be accounted for
inline constexpr int kExitUsage = 2;  // wrong usage, or a destination or file that cannot be opened
inline constexpr int kExitInterrupted = 130;  // ended by a signal, with what it had

}  // namespace metlog
