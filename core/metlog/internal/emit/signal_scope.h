#pragma once

#include <cstdint>

namespace metlog {

class RingSet;
struct Producer;

/// While one lives, calls of its thread go into a ring that no interrupted call uses: there are a
/// few for the process, made in advance, or spare rings are taken. For METLOG_SIGNAL_SAFE, and for
/// ordinary calls of a handler that has interrupted a call. All functions but prepare() may be
/// called in a signal handler, also in one that has interrupted another. Where all rings are taken,
/// and there is no spare one, calls are lost as `no_ring`, and counted. Such calls never wait,
/// carry no context, and are lost as `ring_full` where they find no room.
class SignalScope {
 public:
  SignalScope();
  ~SignalScope();
  SignalScope(const SignalScope&) = delete;
  SignalScope& operator=(const SignalScope&) = delete;

  /// True while one lives on the calling thread. A call must not read the thread's context then:
  /// the handler may have interrupted what changes it.
  static bool is_here();
  /// False when the calling thread is not in a signal handler: no signal is blocked, and the stack
  /// shows none. Rare and slow.
  static bool may_be_in_handler();
  /// Counts a call that has no ring; returns null.
  static Producer* lose(std::uint32_t client);

  /// Says that the program has such calls: rings are to be made. Before main(), or when a library
  /// is loaded.
  static bool want();
  /// Makes the rings that are wanted and missing. Not in a handler.
  static void prepare(RingSet& rings);

 private:
  static constexpr int kNone = -1;
  int slot_ = kNone;
  Producer* interrupted_;  // what the thread's calls used before
};

/// Read by each METLOG_SIGNAL_SAFE, so that a program which has one wants the rings.
template <int>
struct SignalRings {
  static inline const bool kWanted = SignalScope::want();
};

}  // namespace metlog
