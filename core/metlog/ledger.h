#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "metlog/loss.h"

namespace metlog {

/// Where a destination's messages are once its sender has flushed them, from the weakest promise to
/// the strongest. docs/ledger.md says what each destination promises.
enum class Handover : std::uint8_t {
  kNone,     // nothing is promised: the time was over, or some of it was given up
  kLibrary,  // with other code of this process: the process must live on for it to arrive
  kKernel,   // with the kernel: this process may end in any way. No answer says that it arrived
  kPeer,     // with the receiver, which has confirmed it
};

/// Returns the name in reports: "none", "library", "kernel", "peer".
constexpr std::string_view name_of(Handover handover) {
  constexpr std::array<std::string_view, 4> kNames = {"none", "library", "kernel", "peer"};
  return kNames[static_cast<std::size_t>(handover)];
}

/// The result of Client::flush(): `if (client.flush(1s))`.
struct FlushResult {
  /// Where everything is that was emitted before and not lost; kNone when the limit came first.
  Handover handover = Handover::kNone;

  // Implicit, because callers store it in a bool.
  operator bool() const { return handover != Handover::kNone; }
};

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
  /// Engine messages (metlog.loss, metlog.clock, metlog.stats) that were sent, which are in no
  /// other count.
  std::uint64_t marks = 0;
  /// Of all messages in `sent` and `marks`, as they were encoded, with a newline each. What a
  /// transport adds is not in it.
  std::uint64_t bytes = 0;
  /// Calls that a `rate` below 1 has sampled out: they are no part of `emitted`, nor of the
  /// identity. A macro's calls are in it from the next one on that is sent at its place by its
  /// thread: emitted + sampled_out lags behind the calls by less than the distance that each place
  /// and thread has drawn last. Calls with a rate of 0 are in no count.
  std::uint64_t sampled_out = 0;

  /// Returns the messages that are unaccounted for, or still in the rings.
  [[nodiscard]] std::int64_t unexplained() const {
    return static_cast<std::int64_t>(emitted - sent - lost.total() - filtered - pending);
  }
  Ledger& operator+=(const Ledger& more) {
    emitted += more.emitted;
    sent += more.sent;
    pending += more.pending;
    lost += more.lost;
    filtered += more.filtered;
    marks += more.marks;
    bytes += more.bytes;
    sampled_out += more.sampled_out;
    return *this;
  }
};

/// The result of Client::close().
struct Receipt {
  std::uint64_t sent = 0;
  std::uint64_t spooled = 0;  // stored for later by a destination that can
  std::uint64_t lost = 0;     // Client::stats() has the reasons
  /// The receiver itself said that it has everything in `sent`. False for UDP, ZeroMQ, files and
  /// pipes: none of them has an answer for a message.
  bool confirmed = false;
  /// Where everything in `sent` is; kNone when the limit of close() came first.
  Handover handover = Handover::kNone;
};

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
