#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "metlog/client_output.h"
#include "metlog/connection_counts.h"
#include "metlog/internal/base/reentrant_mutex.h"
#include "metlog/internal/engine/connect/destinations.h"
#include "metlog/internal/filter/call_mask.h"
#include "metlog/internal/flush/delivery_client.h"
#include "metlog/ledger.h"

namespace metlog {

class Engine;

/// What one destination of a client does not take of its calls, as far as that is known before
/// them. A call that no destination takes is not emitted.
struct CallRules {
  explicit CallRules(const OpenSlot& open);

  std::shared_ptr<const CallMask> mask;  // of the filters
  Severity level;
};

/// The destinations of a client, in the order in which it was opened or reconfigured with them: a
/// slot for each. Functions without a remark are for the thread that configures or closes the
/// client.
class ClientOutputs {
 public:
  struct Output {
    /// The slot is stored once it is known.
    explicit Output(const OpenSlot& open) : url(open.url), rules(open) {}

    std::uint32_t slot = 0;
    std::string url;
    CallRules rules;
  };
  using Outputs = std::vector<Output>;

  ClientOutputs(Engine& engine, Outputs outputs);

  /// Returns their slots. The first one, which records name, never changes.
  [[nodiscard]] std::vector<std::uint32_t> slots() const;
  /// Returns the rules of all. Any thread, as the next ones.
  [[nodiscard]] std::vector<CallRules> rules() const;

  /// Returns the sum of the accounts, of removed destinations too. Any thread, as the next one.
  [[nodiscard]] Ledger stats() const;
  [[nodiscard]] std::vector<ClientOutputStats> all() const;
  /// Any thread. Returns the weakest promise.
  [[nodiscard]] FlushResult flush(std::chrono::nanoseconds limit) const;

  /// Stores what the client has now. The slots that it has no more have been removed from the
  /// flusher: end_removed() is to be called for each.
  void replace(Outputs outputs);
  /// Ends the account of a removed destination, which has stopped: what it has not sent is lost,
  /// and standard error says so, for no receipt does.
  void end_removed(std::uint32_t slot);

  /// Closes all; `when` says why where nobody reads the receipt, else it is null. Nothing in a
  /// forked child that has made no call: the client is its parent's.
  std::optional<Receipt> close(std::chrono::nanoseconds limit, const char* when);
  /// Lets the accounts that close() has stored count, and frees the slots.
  void end(bool is_closed);
  /// See ClientState.
  void lock_for_fork() { mutex_.lock(); }
  void unlock_after_fork() { mutex_.unlock(); }
  /// For a client that is destroyed where it cannot be closed.
  void leave_behind() const;

 private:
  /// A destination that the client has no more, until end_removed().
  struct Removed {
    std::uint32_t slot = 0;
    LossCounts by_callers;          // until it was removed
    LossCounts before;              // all losses until then
    std::uint64_t sampled_out = 0;  // calls until then
  };
  /// What the accounts are of, copied without an allocation.
  struct View {
    std::uint64_t version = 0;
    std::size_t count = 0;
    std::array<std::uint32_t, kMaxDestinations> slots{};
    std::size_t removed_count = 0;
    std::array<Removed, kMaxDestinations> removed{};
    Ledger ended;
  };
  [[nodiscard]] View view() const;
  [[nodiscard]] bool is_current(const View& view) const;
  [[nodiscard]] Ledger stats_of(std::size_t output, std::uint32_t slot) const;
  [[nodiscard]] Ledger stats_of(const Removed& removed) const;
  [[nodiscard]] ConnectionCounts connections_of(std::size_t output, std::uint32_t slot) const;
  [[nodiscard]] FlushResult flush(const View& view,
                                  std::chrono::steady_clock::time_point deadline) const;
  Receipt close_in_turn(std::chrono::steady_clock::time_point deadline);

  Engine& engine_;
  mutable ReentrantMutex mutex_;  // guards what follows, up to last_
  Outputs outputs_;
  std::uint64_t version_ = 0;     // of outputs_ and what follows
  std::vector<Removed> removed_;  // not ended yet
  // Of those that were removed in this process; a forked child has an account of its own.
  std::int64_t ended_in_ = 0;                  // its pid
  Ledger ended_;                               // their sum
  Handover ended_handover_ = Handover::kPeer;  // the weakest of theirs
  std::vector<Ledger> last_;                   // by close(); constant once is_ended_, as the next
  std::vector<ConnectionCounts> last_connections_;
  std::atomic<bool> is_ended_{false};
};

}  // namespace metlog
