#pragma once

#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

namespace metlog {

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
  bool resume(Request request) {
    if (pid_ <= 0) return false;
    const int signal = WSTOPSIG(status_);
    ::ptrace(request, pid_, nullptr, signal == SIGTRAP || signal == SIGSTOP ? 0 : signal);
    wait();
    return pid_ > 0;
  }

  pid_t pid_;
  int status_ = 0;
};

}  // namespace metlog
