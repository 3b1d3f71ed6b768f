#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "metlog/engine.h"
#include "metlog/ledger.h"

namespace metlog {

/// The end of the process, in two steps. An exit handler, registered with the first engine,
/// flushes: what clients' senders refer to is still there. A destructor function of the library
/// closes all clients that are still open: it runs after the program's exit handlers and static
/// objects, which may log. Nothing that the library needs is ever destroyed. quick_exit() does both
/// at once.
class ProcessExit {
 public:
  /// Registers flush() with exit() and end_quickly() with quick_exit(), once.
  static void register_handlers();
  /// The first step.
  static void flush();
  /// The second step.
  static void close();

  /// Both, for quick_exit(), which runs no other functions of the library: a handler registered
  /// with the first engine. The program's handlers that were registered later have run.
  static void end_quickly();

  /// Takes over a client that is destroyed where it cannot be closed.
  static void leave_behind(Engine& engine, std::uint32_t slot);
  /// Closes those.
  static void close_left_behind(Engine& engine);

  /// Says on standard error what a client has lost since `before`, or could not report in its
  /// stream; where nobody reads a receipt, which `when` names.
  static void say_losses(Engine& engine, std::uint32_t slot, const char* when,
                         const LossCounts& before, const Ledger& last);

 private:
  using Deadlines = std::array<std::chrono::steady_clock::time_point, kClientSlots>;

  explicit ProcessExit(Engine& engine);
  void close_all();
  void claim_slots();
  void wait_until_alone();
  void close_slot(std::uint32_t slot, bool can_close);

  Engine& engine_;
  std::array<bool, kClientSlots> is_ours_{};  // to close; others close theirs, or they are free
  std::array<bool, kClientSlots> is_others_{};
  Deadlines deadlines_{};
  std::chrono::steady_clock::time_point last_deadline_;
};

}  // namespace metlog
