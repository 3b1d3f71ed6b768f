#pragma once

#include <metlog/metlog.h>

#include <cstdint>
#include <string>

#include "docs/examples/call_latency.h"

namespace shop {

/// What the server says of itself when it ends.
struct Summary {
  std::uint64_t requests = 0;
  LatencyCounts log_calls{};    // METLOG_INFO as the request threads felt it
  LatencyCounts empty_calls{};  // the same measurement around nothing
  metlog::Ledger ledger{};      // all zero when metlog was off
};

/// As one JSON object. Durations in nanoseconds, counts as integers.
std::string to_json(const Summary& summary);

}  // namespace shop
