#pragma once

#include <string>
#include <string_view>

#include "metlog/internal/codec/message_parts.h"
#include "metlog/message.h"

namespace metlog {

// Lines of statsd: `name:3|c`, `name:41.5|ms`, with `|@0.1` after them for a rate between 0 and 1.
// A field `logger` and a dot precede the name, as the router writes them. Only counters and timers
// whose value is finite have one, and losses, which count as `metlog.loss.REASON`.

/// True for a counter or timer that has a line.
[[nodiscard]] bool has_statsd_line(const RecordFields& fields);

/// Writes the line of a counter or timer and returns its end; null when there is none.
char* append_statsd_line(char* out, std::string_view prefix, const RecordFields& fields);

/// Returns the line of a message; empty when there is none.
[[nodiscard]] std::string statsd_line(std::string_view prefix, const Message& message);

}  // namespace metlog
