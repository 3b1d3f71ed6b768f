#pragma once

#include <signal.h>

#include <csignal>
#include <initializer_list>

namespace metlog {

/// While it lives the calling thread, and every thread that it starts, takes no signal but those
/// of its own faults: an application's signals go to the application's threads, not to ours.
class SignalMask {
 public:
  SignalMask() {
    sigset_t blocked;
    sigfillset(&blocked);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS}) {
      sigdelset(&blocked, fault);
    }
    pthread_sigmask(SIG_BLOCK, &blocked, &before_);
  }
  ~SignalMask() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalMask(const SignalMask&) = delete;
  SignalMask& operator=(const SignalMask&) = delete;

 private:
  sigset_t before_;
};

/// While it lives, SIGPIPE and SIGXFSZ raised by this thread's own writes do not reach the host
/// process; write(2) says EPIPE or EFBIG all the same.
class ScopedSignalBlock {
 public:
  ScopedSignalBlock();
  ~ScopedSignalBlock();
  ScopedSignalBlock(const ScopedSignalBlock&) = delete;
  ScopedSignalBlock& operator=(const ScopedSignalBlock&) = delete;

 private:
  sigset_t quiet_;
  sigset_t before_;
  sigset_t pending_before_;
};

}  // namespace metlog
