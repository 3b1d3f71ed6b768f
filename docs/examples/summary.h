#pragma once

#include <metlog/metlog.h>

#include <cstdint>
#include <string>

#include "docs/examples/call_latency.h"

namespace shop {

/// The figures that the server reports when it ends.
struct Summary {
  std::uint64_t requests = 0;
  LatencyCounts log_calls{};    // METLOG_INFO in the request threads
  LatencyCounts empty_calls{};  // the same measurement around nothing
  metlog::Ledger ledger{};      // all zero when metlog was off
};

/// Returns one JSON object. Durations in nanoseconds, counts as integers.
std::string to_json(const Summary& summary);

}  // namespace shop
