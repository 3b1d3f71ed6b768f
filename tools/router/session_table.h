#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "tools/router/decode/decoded_message.h"
#include "tools/router/input/sequence_table.h"
#include "tools/router/plain_arrivals.h"
#include "tools/router/session_ledger.h"
#include "tools/router/stats_report.h"

namespace metlog {

/// Compares what clients say in metlog.stats messages with what has come. Keeps at most
/// kMaxSessions, and of each at most kMaxClients with kMaxStreams in all. Then forgets the session
/// that was silent for longest, one without losses if there is any, so that no peer can fill the
/// memory. Used by one thread.
class SessionTable {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kMaxSessions = 512;
  static constexpr std::size_t kMaxClients = 32;
  static constexpr std::size_t kMaxStreams = 128;

  /// When this router began to receive, by both clocks: what was sent before is no loss.
  struct Beginning {
    Clock::time_point steady;
    std::int64_t utc_ns = 0;

    static Beginning now();
  };

  /// `sequences` outlives it.
  explicit SessionTable(const SequenceTable& sequences,
                        const Beginning& beginning = Beginning::now());
  ~SessionTable();

  /// Takes a message of type metlog.stats, which has just come.
  void note_stats(const DecodedMessage& message, Clock::time_point now);
  /// Takes a message of type metlog.death.
  void note_death(const DecodedMessage& message);
  /// Counts a plain message of any type.
  void note_plain(const DecodedMessage& message) { plain_.count(message.hostname, message.pid); }

  /// Returns the account, with up to `max_sessions` sessions.
  [[nodiscard]] SessionsLedger ledger(std::size_t max_sessions, Clock::time_point now) const;

 private:
  struct Client;
  struct Session;
  struct Sessions;  // hash maps, kept out of this header

  Session& session_of(const StatsReport& report);
  void forget_one();
  void follow(Client& client, Session& session, const StatsReport& report, Clock::time_point now);
  [[nodiscard]] bool was_here(const StatsReport& report, Clock::time_point now) const;
  [[nodiscard]] SessionLedger account_of(const Session& session, Clock::time_point now) const;
  [[nodiscard]] bool has_namesake(const Session& session, const SessionLedger& ledger) const;
  void add_counts(const Session& session, SessionLedger& ledger) const;

  const SequenceTable& sequences_;
  const Beginning beginning_;
  PlainArrivals plain_;
  const std::unique_ptr<Sessions> sessions_;
};

}  // namespace metlog
