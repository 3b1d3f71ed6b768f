#pragma once

#include <csignal>

namespace metlog {

/// While it lives, SIGPIPE and SIGXFSZ raised by this thread's own writes do not reach the host
/// process; write(2) says EPIPE or EFBIG all the same.
class QuietSignals {
 public:
  QuietSignals();
  ~QuietSignals();
  QuietSignals(const QuietSignals&) = delete;
  QuietSignals& operator=(const QuietSignals&) = delete;

 private:
  sigset_t quiet_;
  sigset_t before_;
  sigset_t pending_before_;
};

}  // namespace metlog
