#pragma once

#include <cstdint>

#include "metlog/loss.h"

namespace metlog {

/// What became of a client's messages. `emitted` is counted by the calling threads, everything
/// else where it happens, so that the identity
///
///     emitted == sent + lost.total() + filtered + pending
///
/// means something. It holds whenever the flusher is quiet: after flush() and after close(). It
/// covers the client's whole life, through every reconfigure().
struct Ledger {
  std::uint64_t emitted = 0;
  std::uint64_t sent = 0;     // taken by the destination
  std::uint64_t pending = 0;  // drained from the rings, and not yet sent or lost
  LossCounts lost;
  /// Dropped by the client's filters behind the rings; a call that they mask is not emitted.
  std::uint64_t filtered = 0;
  /// Engine messages (metlog.loss) that stand in the stream beside the user's.
  std::uint64_t marks = 0;

  /// Messages without an account, or still in the rings.
  [[nodiscard]] std::int64_t unexplained() const {
    return static_cast<std::int64_t>(emitted - sent - lost.total() - filtered - pending);
  }
};

/// What close() did.
struct Receipt {
  std::uint64_t sent = 0;
  std::uint64_t spooled = 0;  // kept for later by a destination that can
  std::uint64_t lost = 0;     // see Client::stats() for the reasons
  bool confirmed = false;     // the destination said that it has everything it took
};

}  // namespace metlog
