#pragma once

#include <chrono>
#include <cstdint>

#include "metlog/internal/session/session.h"

namespace metlog {

/// The handler of fatal signals and of std::terminate(), see EngineOptions::crash_handler. On the
/// thread that crashes:
///
///   store      CrashRecord, into the slot of the session
///   wait       until CrashDrain says that all is sent, or the limit is over; not without one
///   chain      call the handler that was there before, with the signals blocked that it asked for
///   die        SIG_DFL, and the same signal again with the same siginfo: it is blocked until the
///              handler has returned, so that the core file shows the place of the crash
///
/// A crash inside of it, by the earlier handler too, dies of the first signal. When two threads
/// crash, the second one waits until the first has called the earlier handler, which may jump away.
/// Of a process that shares our memory or has copied it, and that has no engine of its own (vfork,
/// fork), nothing is stored.
class CrashHandler {
 public:
  /// Installs it, once for the process and those that it forks, and stores into the slot of
  /// `session`, which may be null, from now on. Not in a signal handler.
  static void install(const Session* session, std::chrono::nanoseconds drain_limit);
  /// Stores nothing into it any more: its memory is about to go. May be null.
  static void forget(const Session* session);

  /// Adds `count` threads that answer to waiting(), 1 or -1. Without any no crash waits.
  static void add_drain(int count);
  /// Returns the number of the crash whose thread waits until what was logged before is sent; 0 for
  /// none. A process that survives crashes has several. Any thread.
  [[nodiscard]] static std::uint64_t waiting();
  /// Ends that.
  static void end_waiting(std::uint64_t crash);
};

}  // namespace metlog
