#pragma once

#include <signal.h>
#include <ucontext.h>

#include <csetjmp>
#include <cstdint>

#include "metlog/internal/session/session.h"

namespace metlog {

/// What a crash handler writes into a CrashSlot. All functions are safe in a signal handler once
/// prepare() has been called: they allocate nothing and take no lock. One thread of the process at
/// a time is inside of them.
///
/// The return addresses come from the unwinder of the C++ runtime (_Unwind_Backtrace), which needs
/// no frame pointers. With glibc 2.35 and gcc 12, or later ones, it takes no lock
/// (_dl_find_object). Before these, a crash inside of dlopen() or dlclose() could wait for the
/// loader's lock; there the walk is left out, and only the address of the crash is stored. Where
/// the stack is destroyed, the unwinder faults: fault() ends the walk, and what was found is kept.
class CrashRecord {
 public:
  /// Lets the unwinder do at once what it does at its first use. In no signal handler.
  static void prepare();

  /// Stores a fatal signal. `context` is that of the handler; it is the same when this returns.
  static void store_signal(CrashSlot& slot, int signal, const siginfo_t& info, ucontext_t& context);
  /// Stores that std::terminate() was called.
  static void store_terminate(CrashSlot& slot);
  /// To be called by the handler first: when this thread is inside a walk, the fault is the walk's,
  /// which ends here. Then it does not return.
  static void end_walk_that_faulted();

  /// Returns the stack pointer where the signal came; 0 on a processor that we do not know.
  static std::uintptr_t stack_pointer(const ucontext_t& context);
};

}  // namespace metlog
