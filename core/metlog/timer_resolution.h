#pragma once

#include <cstdint>

namespace metlog {

/// Timers' payload: milliseconds with decimals down to the nanosecond, or whole ones as the
/// reference has them, rounded half up.
enum class TimerResolution : std::uint8_t { kNanoseconds, kMilliseconds };

}  // namespace metlog
