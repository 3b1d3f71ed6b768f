#include "metlog/internal/base/signal_block.h"

#include <pthread.h>

#include <cerrno>
#include <initializer_list>

namespace metlog {
namespace {

constinit thread_local bool t_blocks_all = false;

}  // namespace

void AllSignalsBlock::is_inherited() { t_blocks_all = true; }

ScopedSignalBlock::ScopedSignalBlock() : is_needed_(!t_blocks_all) {
  if (!is_needed_) return;
  sigemptyset(&blocked_);
  sigaddset(&blocked_, SIGPIPE);
  sigaddset(&blocked_, SIGXFSZ);
  pthread_sigmask(SIG_BLOCK, &blocked_, &before_);
  sigpending(&pending_before_);
}

ScopedSignalBlock::~ScopedSignalBlock() {
  if (!is_needed_) return;
  const int error = errno;
  sigset_t pending;
  sigpending(&pending);
  for (const int signal : {SIGPIPE, SIGXFSZ}) {
    // A signal that was pending before is the host's: ours merged with it.
    if (sigismember(&pending, signal) == 0 || sigismember(&pending_before_, signal) != 0) continue;
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, signal);
    const timespec now{};
    sigtimedwait(&one, nullptr, &now);
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  errno = error;
}

}  // namespace metlog
