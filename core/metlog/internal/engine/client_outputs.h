#pragma once

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

/// The destinations of a client, in the order in which it was opened with them: a slot for each.
/// Functions without a remark are for the thread that configures or closes the client.
class ClientOutputs {
 public:
  ClientOutputs(Engine& engine, std::vector<std::uint32_t> slots, std::vector<std::string> urls,
                std::vector<CallRules> rules);

  /// Constant: records name the first one.
  [[nodiscard]] const std::vector<std::uint32_t>& slots() const { return slots_; }
  /// Returns the rules of all. Any thread, as the next ones.
  [[nodiscard]] std::vector<CallRules> rules() const;
  /// Stores those of a client's only destination.
  void replace(const std::string& url, const CallRules& rules);

  /// Returns the sum of the accounts. Any thread, as the next one.
  [[nodiscard]] Ledger stats() const;
  [[nodiscard]] std::vector<ClientOutputStats> all() const;
  /// Any thread. Returns the weakest promise.
  [[nodiscard]] FlushResult flush(std::chrono::nanoseconds limit) const;

  /// Closes all; `when` says why where nobody reads the receipt, else it is null. Nothing in a
  /// forked child that has made no call: the client is its parent's.
  std::optional<Receipt> close(std::chrono::nanoseconds limit, const char* when);
  /// Lets the accounts that close() has stored count, and frees the slots.
  void end(bool is_closed);
  /// For a client that is destroyed where it cannot be closed.
  void leave_behind() const;

 private:
  [[nodiscard]] Ledger stats_of(std::size_t output) const;
  [[nodiscard]] ConnectionCounts connections_of(std::size_t output) const;
  Receipt close_in_turn(std::chrono::steady_clock::time_point deadline);

  Engine& engine_;
  const std::vector<std::uint32_t> slots_;
  mutable ReentrantMutex mutex_;  // guards the next two
  std::vector<std::string> urls_;
  std::vector<CallRules> rules_;
  std::vector<Ledger> last_;  // by close(); constant once is_ended_, as the next
  std::vector<ConnectionCounts> last_connections_;
  std::atomic<bool> is_ended_{false};
};

}  // namespace metlog
