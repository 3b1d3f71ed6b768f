#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/value.h"
#include "tools/router/input/missing_numbers.h"
#include "tools/router/stats_report.h"

namespace metlog {

/// What became of a client, as its metlog.stats messages show it.
enum class Liveness : std::uint8_t {
  kOpen,      // its last message is younger than three of its intervals
  kClosed,    // it has sent its last account
  kVanished,  // neither: it died, or the messages are lost
  kDied,      // a recovery says so
};

/// Returns the name in the ledger: "open", "closed", "vanished", "died".
std::string_view name_of(Liveness state);

/// How the messages were counted that were lost on the way.
enum class LossEvidence : std::uint8_t {
  kNumbers,  // by the numbers of batched frames
  kCounts,   // plain messages: those that have come, against those that were sent
  kNone,     // plain messages, and one of the two is not known
};

/// Returns the name in the ledger: "numbers", "counts", "none".
std::string_view name_of(LossEvidence evidence);

/// One connection of a client, over which numbered messages came.
struct StreamLedger {
  std::uint32_t number = 0;
  std::uint64_t since = 0;     // messages with smaller numbers were before this router's time
  std::uint64_t numbered = 0;  // messages so far, as the client says
  std::uint64_t received = 0;
  std::uint64_t repeated = 0;       // of these: had come before
  std::uint64_t late_unknown = 0;   // of these: had come before or were missing
  std::uint64_t missing = 0;        // lost on the way or by the client
  std::vector<NumberRange> ranges;  // the first of the missing ones
  std::uint64_t not_listed = 0;     // missing numbers beyond these
};

/// A client at one destination.
struct ClientLedger {
  StatsReport report;  // its last one
  Liveness state = Liveness::kOpen;
  std::uint64_t silent_ns = 0;    // since that report
  std::uint64_t lost_on_way = 0;  // by numbers: sent by the client, and not received
  std::uint64_t undecided = 0;    // by numbers: missing; lost on the way, or by the client
  std::vector<StreamLedger> streams;
};

/// A process that sends metlog.stats messages.
struct SessionLedger {
  std::string session;  // 32 hexadecimal digits
  std::string program;
  std::string hostname;
  std::int64_t pid = 0;
  LossEvidence evidence = LossEvidence::kNone;
  std::uint64_t lost_on_way = 0;  // of all its clients
  std::uint64_t undecided = 0;
  std::string unknown_because;  // with kNone: why
  std::uint64_t left_out = 0;   // clients or streams beyond those that are kept
  std::vector<ClientLedger> clients;

  /// Messages that its clients have lost themselves.
  [[nodiscard]] std::uint64_t lost_by_clients() const;
};

/// What metlog.stats messages say, compared with what has come. Not part of the router's identity:
/// what was lost before it was never received.
struct SessionsLedger {
  std::uint64_t sessions = 0;     // seen; one that came again after it was forgotten counts twice
  std::uint64_t forgotten = 0;    // of these, dropped to make room for newer ones
  std::uint64_t bad_reports = 0;  // metlog.stats messages that name no session
  std::uint64_t lost_on_way =
      0;  // of all sessions, those forgotten too; saturates, as the next one
  std::uint64_t undecided = 0;
  std::vector<SessionLedger> worst;  // those that lost most first, then those silent for shortest
};

/// For a person; empty without sessions.
std::string to_text(const SessionsLedger& ledger);

/// For JSON.
ValueMap to_value(const SessionsLedger& ledger);

}  // namespace metlog
