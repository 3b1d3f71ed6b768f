#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "metlog/formatter.h"
#include "metlog/internal/base/clock.h"
#include "metlog/internal/context/context_text.h"

namespace metlog {

struct SitePlan;  // site_plan.h

/// A record as an encoder sees it: one call's arguments and where they come from.
struct RecordView {
  const SitePlan* plan;  // of its site
  const unsigned char* args;
  std::size_t arg_bytes;
  std::int64_t utc_ns;
  const ClockLine* clock;                // for spans of ticks
  const ContextText* context = nullptr;  // of its thread; looked at when context_bytes is not 0
  std::size_t context_bytes = 0;         // what it adds to the message at most
};

/// What a client adds to each of its messages.
struct ClientText {
  std::string logger;
  int severity = 6;  // of events, counters and timers
  TimerResolution timers = TimerResolution::kNanoseconds;
};

}  // namespace metlog
