#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "metlog/loss.h"
#include "tools/router/decode/decoded_message.h"

namespace metlog {

/// What a message of type metlog.stats says: the account of a client at one destination. Its
/// numbers are not authenticated; none is above kMost, so that a few can be added.
struct StatsReport {
  static constexpr std::size_t kMaxStreams = 64;
  static constexpr std::size_t kMaxTextBytes = 64;
  static constexpr std::size_t kMaxHostnameBytes = 253;  // the longest that there is
  static constexpr std::uint64_t kMost = std::uint64_t{1} << 62;

  /// One connection of the client; see docs/wire.md. settled <= numbered, lost <= settled.
  struct Stream {
    std::uint32_t number = 0;
    std::uint64_t numbered = 0;  // messages so far: they have the numbers below
    std::uint64_t settled = 0;   // messages with numbers below are sent, or lost by the client
    std::uint64_t lost = 0;      // so many of the settled ones
  };

  std::array<std::uint8_t, 16> session{};
  std::uint64_t client = 0;  // unique in the session
  std::string program;       // cut to kMaxTextBytes, as the next one
  std::string logger;
  std::string hostname;  // cut to kMaxHostnameBytes
  std::int64_t pid = 0;
  std::uint64_t emitted = 0;
  std::uint64_t sent = 0;
  std::uint64_t filtered = 0;
  std::uint64_t pending = 0;
  std::uint64_t marks = 0;
  std::uint64_t bytes = 0;
  std::uint64_t sampled_out = 0;
  std::uint64_t lost = 0;
  LossCounts lost_by_reason;
  std::int64_t unexplained = 0;  // of a last report
  bool is_last = false;
  bool has_silent_clients = false;  // others of the process send no such messages
  std::vector<Stream> streams;
  std::int64_t open_us = -1;     // since its streams were opened; -1 when it does not say
  std::int64_t interval_us = 0;  // between two reports
  std::int64_t utc_ns = 0;       // its time stamp
};

/// Reads a message of type metlog.stats. Nothing when it names no session: it counts for no one
/// then. A field that is missing, or is no count, is 0; a stream that makes no sense is left out.
std::optional<StatsReport> read_stats_report(const DecodedMessage& message);

/// Reads a session's id, 32 hexadecimal digits in lower case.
std::optional<std::array<std::uint8_t, 16>> read_session_id(std::string_view text);

}  // namespace metlog
