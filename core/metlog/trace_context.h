#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace metlog {

/// The position of a piece of work in a distributed trace, as W3C's Trace Context defines it.
struct TraceContext {
  std::array<std::uint8_t, 16> trace_id{};  // of the whole trace
  std::array<std::uint8_t, 8> span_id{};    // of this piece of work
  std::uint8_t flags = 0;                   // kSampled or 0

  static constexpr std::uint8_t kSampled = 1;  // the caller may have recorded its part

  friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

struct ContextScope;

/// Distributed traces of W3C's Trace Context (version 00; of later versions the part that 00
/// defines).
///
///   auto caller = metlog::parse_traceparent(request.header("traceparent"));
///   metlog::ScopedTrace trace(caller.ok() ? metlog::child_of(*caller) : metlog::start_trace());
///   ...
///   outgoing.set_header("traceparent", metlog::traceparent(*metlog::current_trace()));

/// Parses a `traceparent` header exactly as the standard says. The message of kInvalidArgument
/// shows the header and names the part that is wrong.
absl::StatusOr<TraceContext> parse_traceparent(std::string_view header);

/// Returns the header for an outgoing call: 55 characters.
std::string traceparent(const TraceContext& trace);

/// Returns a new trace with random ids.
TraceContext start_trace(std::uint8_t flags = TraceContext::kSampled);

/// Returns another piece of work of the trace: a new span id, everything else unchanged.
TraceContext child_of(const TraceContext& trace);

/// Returns the innermost ScopedTrace in force on this thread, or in the context attached to it.
std::optional<TraceContext> current_trace();

/// Adds `trace_id` and `span_id`, 32 and 16 lower-case hexadecimal digits, to the messages of this
/// thread until the scope is left. Otherwise like ScopedContext.
class [[nodiscard]] ScopedTrace {
 public:
  explicit ScopedTrace(const TraceContext& trace);
  ScopedTrace(const ScopedTrace&) = delete;
  ScopedTrace& operator=(const ScopedTrace&) = delete;
  ~ScopedTrace();

  /// See ScopedContext::error().
  [[nodiscard]] std::string_view error() const;

 private:
  ContextScope* const scope_;  // counted
};

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
