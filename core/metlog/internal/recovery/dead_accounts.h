#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "metlog/internal/emit/thread_counts.h"
#include "metlog/internal/recovery/dead_session.h"
#include "metlog/internal/recovery/lane.h"
#include "metlog/internal/session/client_accounts.h"
#include "metlog/ledger.h"

namespace metlog {

/// The account of a client of a process that died:
///
///     emitted == delivered + recovered + thrown_away + filtered + lost.total() + in_flight +
///                unexplained
struct DeadClient {
  std::string logger;
  std::uint64_t emitted = 0;      // calls, as the calling threads have counted
  std::uint64_t delivered = 0;    // sent before the death, or by an earlier recovery
  std::uint64_t recovered = 0;    // found now, in batches and rings
  std::uint64_t thrown_away = 0;  // found now, and purged
  std::uint64_t filtered = 0;
  LossCounts lost;
  /// Calls that had not returned: counted, and not yet in the ring. At most one for each thread;
  /// -1 where the flusher had counted a record that is still in its ring.
  std::int64_t in_flight = 0;
  /// What is missing besides: it was in memory that ended with the process. 0 proves that nothing
  /// is.
  std::int64_t unexplained = 0;
};

/// What a dead process has counted: the accounts of its clients, the counts of its threads, and
/// what its batches say. Trusts no number: a damaged one makes a wrong sum and nothing else. Used
/// by one thread.
class DeadAccounts {
 public:
  explicit DeadAccounts(const DeadSession& session);

  /// Takes what the batches say, which the lanes have stored. Before anything is taken from the
  /// rings.
  void take(const Lanes& lanes);
  /// Returns how many of `count` losses no message has reported; they are reported now. All of
  /// them, when the process has kept no account of the client, or part of the session is missing.
  std::uint64_t report(std::uint32_t slot, LossReason reason, std::uint64_t count);

  /// Counts a record that was found, and of which the client's format has no form. Returns true.
  bool note_filtered(std::uint32_t slot) {
    const auto found = clients_.find(slot);
    if (found != clients_.end()) ++found->second.account.filtered;
    return true;
  }

  /// Losses that no message has reported.
  struct Unreported {
    std::uint32_t slot;
    LossReason reason;
    std::uint64_t count;
    // 0 for unknown; ticks of losses on the calling threads, UTC ns of others.
    std::uint64_t first_stamp, last_stamp;
    std::int64_t first_ns, last_ns;
  };
  [[nodiscard]] std::vector<Unreported> unreported() const;

  /// Returns the accounts that make sense, after all is taken from the rings; `undecodable` records
  /// could not be. What damage to so many places has cost is in `lost`, and unreported.
  std::vector<DeadClient> close(const Lanes& lanes, std::uint64_t undecodable,
                                std::uint64_t damaged);

 private:
  struct Client {
    DeadClient account;
    std::uint32_t calls_of = 0;  // the slot in which its calls are counted
    std::uint64_t stream_begin = 0;
    LossCounts unreported;
    std::uint64_t first_stamp[kCallerLossCount] = {};
    std::uint64_t last_stamp[kCallerLossCount] = {};
    ClientAccount stored{};
  };
  void read_clients();
  void read_threads();
  [[nodiscard]] bool lacks_counts() const;
  void drop_senseless();
  static std::int64_t missing_in(const DeadClient& account);
  static void add(Client& client, const ThreadCounts& counts);
  /// Returns the client whose stream it is; null when it has no account there.
  Client* client_of(std::uint32_t stream);

  const DeadSession& session_;
  std::map<std::uint32_t, Client> clients_;  // by slot, those that were open
  std::int64_t threads_ = 0;                 // that may have been inside of a call
  // Of a damaged session, or one whose threads counted elsewhere: too many losses may be told,
  // never too few.
  const bool is_incomplete_;
};

}  // namespace metlog
