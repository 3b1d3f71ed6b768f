#pragma once

#include <array>
#include <cstdint>

namespace metlog {

/// Where in a distributed trace a piece of work stands, as W3C's Trace Context has it.
struct TraceContext {
  std::array<std::uint8_t, 16> trace_id{};  // of the whole trace
  std::array<std::uint8_t, 8> span_id{};    // of this piece of work
  std::uint8_t flags = 0;                   // kSampled or 0

  static constexpr std::uint8_t kSampled = 1;  // the caller may have recorded its part

  friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

}  // namespace metlog
