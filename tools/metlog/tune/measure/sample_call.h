#pragma once

#include <time.h>

#include <cstdint>
#include <string_view>

#include "metlog/client.h"
#include "metlog/log.h"

namespace metlog {

/// The measured call, with three arguments: an integer, a double and a string. Inlined, as in a
/// program.
[[gnu::always_inline]] inline void sample_call(const Client& client, std::uint64_t number,
                                               std::string_view text) {
  METLOG_INFO(client, "order {} took {} ms: {}", number, static_cast<double>(number & 1023) * 0.125,
              text);
}

/// CLOCK_MONOTONIC in ns: the same in all processes of the machine.
inline std::int64_t monotonic_time_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace metlog
