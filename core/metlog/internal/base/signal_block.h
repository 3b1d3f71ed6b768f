#pragma once

#include <pthread.h>
#include <signal.h>

#include <csignal>
#include <initializer_list>

namespace metlog {

/// Two ways to keep signals away from our code. Both hold cancellation off too (pthread_cancel(3)):
/// system calls are where it strikes, and it would leave a ring half made, or end the process from
/// a destructor that closes a file.
///
///   AllSignalsBlock      around the start of our threads: a thread inherits the mask, so
///                        that the application's signals go to the application's threads
///   ScopedSignalBlock    around writes on any thread, and whatever else makes a file longer: a
///                        broken pipe or a file limit becomes an errno and not a signal in the
///                        host process

/// While it lives, the calling thread is not cancelled; a request strikes after it.
class CancellationHold {
 public:
  CancellationHold() { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
  ~CancellationHold() { pthread_setcancelstate(before_, nullptr); }
  CancellationHold(const CancellationHold&) = delete;
  CancellationHold& operator=(const CancellationHold&) = delete;

 private:
  int before_ = PTHREAD_CANCEL_ENABLE;
};

/// While it lives, the calling thread, and every thread that it starts, receives no signals except
/// those of its own faults.
class AllSignalsBlock {
 public:
  AllSignalsBlock() {
    sigset_t blocked;
    sigfillset(&blocked);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS}) {
      sigdelset(&blocked, fault);
    }
    pthread_sigmask(SIG_BLOCK, &blocked, &before_);
  }
  ~AllSignalsBlock() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  /// Says that the calling thread was started under one and keeps what ScopedSignalBlock blocks, so
  /// that this, which is four system calls, does nothing there.
  static void is_inherited();
  AllSignalsBlock(const AllSignalsBlock&) = delete;
  AllSignalsBlock& operator=(const AllSignalsBlock&) = delete;

 private:
  const CancellationHold no_cancellation_;
  sigset_t before_;
};

/// While it lives, the calling thread's writes raise no SIGPIPE and no SIGXFSZ in the host process;
/// write(2) and posix_fallocate(3) still fail with EPIPE or EFBIG.
class ScopedSignalBlock {
 public:
  ScopedSignalBlock();
  ~ScopedSignalBlock();
  ScopedSignalBlock(const ScopedSignalBlock&) = delete;
  ScopedSignalBlock& operator=(const ScopedSignalBlock&) = delete;

 private:
  const CancellationHold no_cancellation_;
  const bool is_needed_;
  sigset_t blocked_;
  sigset_t before_;
  sigset_t pending_before_;
};

}  // namespace metlog
