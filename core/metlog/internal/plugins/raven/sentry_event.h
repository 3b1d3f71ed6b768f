#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "metlog/internal/client/thrown.h"
#include "metlog/value.h"

namespace metlog {

/// What an event is made of.
struct SentryEvent {
  std::optional<Thrown> error;          // absent: `<unknown>: None`, as the original's
  std::vector<StackFrame> frames = {};  // outermost first
  std::string file = {};                // of the innermost frame, with its line; or empty
  unsigned line = 0;
  Value msg = "";
  Value logger = {};  // null when not given
  std::int64_t severity = 3;
  ValueMap extra = {};
  Value project = {};  // null without a DSN
  std::string server = {};
  std::int64_t utc_ns = 0;
  std::string id = {};  // 32 hexadecimal digits
};

/// The event as the original's client library wrote it, and Sentry still reads it.
ValueMap event_of(const SentryEvent& parts);

/// The packed event. Drops the outermost frames of one that a message has no room for.
std::string packed_event(SentryEvent parts);

}  // namespace metlog
