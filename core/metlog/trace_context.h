#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace metlog {

/// Where in a distributed trace a piece of work stands, as W3C's Trace Context has it.
struct TraceContext {
  std::array<std::uint8_t, 16> trace_id{};  // of the whole trace
  std::array<std::uint8_t, 8> span_id{};    // of this piece of work
  std::uint8_t flags = 0;                   // kSampled or 0

  static constexpr std::uint8_t kSampled = 1;  // the caller may have recorded its part

  friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

struct ContextScope;

/// Distributed traces as W3C's Trace Context has them (version 00; of later versions what 00
/// knows).
///
///   auto caller = metlog::parse_traceparent(request.header("traceparent"));
///   metlog::ScopedTrace trace(caller.ok() ? metlog::child_of(*caller) : metlog::start_trace());
///   ...
///   outgoing.set_header("traceparent", metlog::traceparent(*metlog::current_trace()));

/// Reads a `traceparent` header, by the letter of the standard. kInvalidArgument says which part is
/// wrong and shows it.
absl::StatusOr<TraceContext> parse_traceparent(std::string_view header);

/// The header for an outgoing call: 55 characters.
std::string traceparent(const TraceContext& trace);

/// A new trace, with random ids.
TraceContext start_trace(std::uint8_t flags = TraceContext::kSampled);

/// A further piece of work in the trace: a new span id, all else as it is.
TraceContext child_of(const TraceContext& trace);

/// The innermost ScopedTrace that is in force on this thread, or in the context attached to it.
std::optional<TraceContext> current_trace();

/// Messages of this thread carry `trace_id` and `span_id`, 32 and 16 lower-case hexadecimal digits,
/// until the scope is left. As ScopedContext in everything else.
class [[nodiscard]] ScopedTrace {
 public:
  explicit ScopedTrace(const TraceContext& trace);
  ScopedTrace(const ScopedTrace&) = delete;
  ScopedTrace& operator=(const ScopedTrace&) = delete;
  ~ScopedTrace();

  /// As ScopedContext::error().
  [[nodiscard]] std::string_view error() const;

 private:
  ContextScope* const scope_;  // counted
};

}  // namespace metlog
