#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/recovery/dead_accounts.h"
#include "metlog/internal/recovery/dead_session.h"
#include "metlog/internal/recovery/destination_rule.h"
#include "metlog/internal/recovery/lane.h"
#include "metlog/internal/recovery/ring_drain.h"
#include "metlog/sender.h"

namespace metlog {

struct RecoveryOptions {
  std::string to;  // a URL; empty for each client's own destination
  std::chrono::nanoseconds limit = std::chrono::seconds(10);  // for each session
  std::function<bool()> should_stop = [] { return false; };   // asked often
  DestinationRule rule = {};                                  // for clients' own destinations
  std::string only_program = {};                              // empty for the sessions of all
  // Sessions that so many recoveries have begun to read, and died, are left alone; 0 for none.
  std::uint32_t max_attempts = 0;
};

/// What became of a session of a process that died.
struct RecoveryReport {
  std::string session;  // the name of its directory
  std::string app;
  std::uint32_t pid = 0;
  int signal = 0;                  // that ended it, if a crash handler knows; else 0
  std::uint64_t from_batches = 0;  // messages of calls that were drained and not sent
  std::uint64_t from_rings = 0;    // of calls that were not drained
  std::uint64_t undecodable = 0;   // records whose call site or client is not known
  std::uint64_t damaged_cells = 0;
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;     // too long for the destination, or thrown away
  std::uint64_t refused = 0;  // calls that had found their ring full, or were too large for it
  std::vector<DeadClient> clients;  // those that were open, if the process kept accounts
  std::uint64_t left = 0;           // still in the session, for the next time
  std::uint64_t purged = 0;         // thrown away by Recovery::purge_above(), now
  std::uint64_t freed_bytes = 0;    // by that
  std::vector<std::string> complaints;
  std::vector<std::string> damage;  // what was found nevertheless, for a person
  bool is_removed = false;

  [[nodiscard]] std::uint64_t found() const { return from_batches + from_rings; }
};

/// What the recoveries of several sessions share.
struct RecoveryPass {
  RecoveryOptions options;
  std::set<std::string> opened;  // URLs: only the first sender may empty a file
  std::set<std::string> failed;  // URLs that took not all
};

/// The recovery of one session: collect(), then one of the others. Used by one thread.
class SessionRecovery {
 public:
  /// `pass` outlives this. With `drops_calls` messages of calls are only counted: for the forms of
  /// throwing away.
  SessionRecovery(RecoveryPass& pass, std::unique_ptr<DeadSession> session, bool drops_calls);

  /// Reads all that is left, and puts it into new batches.
  void collect();
  /// Sends it, and removes the session when nothing is left.
  void deliver();
  /// Says that what was collected can be read. Before anything that may take long.
  void end_attempt() const {
    if (pass_.options.max_attempts != 0) session_->end_attempt();
  }
  /// Removes the session.
  void remove();
  /// Throws away what calls left. Only their number stays, for the next deliver(), and messages of
  /// the engine; nothing of a session in which that has been done before.
  void throw_away();
  /// True when that has been begun.
  [[nodiscard]] bool is_purged() const { return session_->purged() != 0; }

  [[nodiscard]] const RecoveryReport& report() const { return report_; }

 private:
  [[nodiscard]] bool may_deliver_any() const;
  [[nodiscard]] absl::Status may_send_to(const std::string& url) const;
  void report_end();
  void remove_accounts();
  bool store();
  void send_all();
  void count_left(const Lane& lane, const Batch& batch);
  absl::StatusOr<std::unique_ptr<Sender>> sender_for(const std::string& text);
  void send(Batch& stored, Sender* sender, const std::string& url);
  void offer(Batch& batch, Sender& sender) const;
  [[nodiscard]] bool flush(Sender& sender) const;
  [[nodiscard]] bool should_stop() const { return pass_.options.should_stop(); }

  RecoveryPass& pass_;
  const std::unique_ptr<DeadSession> session_;
  DeadAccounts accounts_;
  const bool drops_calls_;
  Lanes lanes_;
  RingDrain drain_;
  std::map<std::uint32_t, std::unique_ptr<Sender>> senders_;  // by stream
  const std::chrono::steady_clock::time_point deadline_;
  std::set<std::string> settled_;  // batches of which nothing is open
  bool is_stored_ = true;          // all batches are in files
  bool is_stuck_ = false;          // a destination cannot be opened
  bool has_reports_ = false;       // of losses, unsent
  RecoveryReport report_;
};

}  // namespace metlog
