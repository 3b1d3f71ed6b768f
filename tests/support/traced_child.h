#pragma once

#include <sched.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <functional>

namespace metlog {

/// Keeps this thread, and the children that it forks, on one processor while it lives: there a stop
/// and a start of a traced child take a tenth of the time.
class OneProcessor {
 public:
  OneProcessor() {
    ::sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(::sched_getcpu()), &one);
    ::sched_setaffinity(0, sizeof one, &one);
  }
  ~OneProcessor() { ::sched_setaffinity(0, sizeof before_, &before_); }
  OneProcessor(const OneProcessor&) = delete;
  OneProcessor& operator=(const OneProcessor&) = delete;

 private:
  cpu_set_t before_{};
};

/// A forked child that runs a function and stops where the test wants it, so that the test may look
/// at what it has left so far, or end it there. Of one thread. Signals reach it as they would.
class TracedChild {
 public:
  /// It is stopped before it runs anything.
  explicit TracedChild(const std::function<void()>& run) : pid_(::fork()) {
    if (pid_ == 0) {
      ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
      ::raise(SIGSTOP);
      run();
      ::_exit(0);
    }
    wait();
    ::ptrace(PTRACE_SETOPTIONS, pid_, nullptr, PTRACE_O_EXITKILL);
  }
  ~TracedChild() { kill(); }
  TracedChild(const TracedChild&) = delete;
  TracedChild& operator=(const TracedChild&) = delete;

  /// Lets it run to where the next system call begins or ends; false when the child has ended.
  bool to_system_call() { return resume(PTRACE_SYSCALL); }
  /// Lets it run one instruction; false when the child has ended.
  bool to_instruction() { return resume(PTRACE_SINGLESTEP); }
  /// Lets it run until it raises SIGTRAP; false when the child has ended.
  bool to_trap() {
    while (resume(PTRACE_CONT)) {
      if (WSTOPSIG(status_) == SIGTRAP) return true;
    }
    return false;
  }
  /// False when the instruction that it has just run was no system call.
  [[nodiscard]] bool may_have_called_system() const {
#if defined(__x86_64__)
    errno = 0;
    const long call = ::ptrace(PTRACE_PEEKUSER, pid_, offsetof(user, regs.orig_rax), nullptr);
    return errno != 0 || call != -1;
#else
    return true;
#endif
  }
  /// True when its function has returned.
  [[nodiscard]] bool has_returned() const {
    return pid_ <= 0 && WIFEXITED(status_) && WEXITSTATUS(status_) == 0;
  }
  /// Lets it run to where it stops itself by raise(SIGSTOP); false when the child has ended. It
  /// gets `signal` first, if that is not 0.
  bool to_stop(int signal = 0) {
    if (!resume(PTRACE_CONT, signal)) return false;
    while (WSTOPSIG(status_) != SIGSTOP) {
      if (!resume(PTRACE_CONT)) return false;
    }
    return true;
  }
  /// Ends it where it stands.
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, &status_, 0) == pid_ && !has_ended()) {
    }
    pid_ = -1;
  }

 private:
  [[nodiscard]] bool has_ended() const { return WIFEXITED(status_) || WIFSIGNALED(status_); }
  void wait() {
    ::waitpid(pid_, &status_, 0);
    if (has_ended()) pid_ = -1;
  }
  template <class Request>
  bool resume(Request request, int with = 0) {
    if (pid_ <= 0) return false;
    const int stop = WSTOPSIG(status_);
    const int own = stop == SIGTRAP || stop == SIGSTOP ? 0 : stop;
    ::ptrace(request, pid_, nullptr, with != 0 ? with : own);
    wait();
    return pid_ > 0;
  }

  pid_t pid_;
  int status_ = 0;
};

}  // namespace metlog
