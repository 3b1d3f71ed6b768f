#pragma once

#include <cstdint>

#include "metlog/loss.h"

namespace metlog {

/// The account of a client's messages, over its whole life and through every reconfigure().
/// `emitted` is counted by the calling threads and everything else where it happens, so the
/// identity
///
///     emitted == sent + lost.total() + filtered + pending
///
/// is a proof. It holds whenever the flusher is quiet: after flush() and after close().
struct Ledger {
  std::uint64_t emitted = 0;
  std::uint64_t sent = 0;     // taken by the destination
  std::uint64_t pending = 0;  // drained from the rings, and not yet sent or lost
  LossCounts lost;
  /// Dropped by the client's filters in the flusher; a call that they block is not emitted.
  std::uint64_t filtered = 0;
  /// Engine messages (metlog.loss) in the stream, which are in no other count.
  std::uint64_t marks = 0;

  /// Returns the messages that are unaccounted for, or still in the rings.
  [[nodiscard]] std::int64_t unexplained() const {
    return static_cast<std::int64_t>(emitted - sent - lost.total() - filtered - pending);
  }
};

/// The result of Client::close().
struct Receipt {
  std::uint64_t sent = 0;
  std::uint64_t spooled = 0;  // stored for later by a destination that can
  std::uint64_t lost = 0;     // Client::stats() has the reasons
  bool confirmed = false;     // the destination confirmed that it has everything it took
};

}  // namespace metlog
