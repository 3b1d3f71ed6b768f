#pragma once

#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <string>

namespace metlog {

/// The system's time in nanoseconds since 1970, UTC. It may be set, so it is for records and not
/// for intervals. Any thread.
inline std::int64_t utc_now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

/// The name of this machine; "localhost" when the system does not say. Any thread.
inline std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
}

}  // namespace metlog
