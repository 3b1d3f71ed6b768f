#pragma once

#include <time.h>

#include <cstdint>

namespace metlog {

/// CLOCK_MONOTONIC in ns: the same in all processes of the machine.
inline std::int64_t monotonic_time_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace metlog
