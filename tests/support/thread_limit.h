#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>

namespace metlog {

/// The limit of threads that the system grants to a process: RLIMIT_NPROC, which counts all
/// processes and threads of a user, and does not hold for root.
class ThreadLimit {
 public:
  /// Makes the limit hold for the calling process, for good: root becomes a user that has nothing
  /// else. For forked children.
  static void obey() {
    if (geteuid() != 0) return;
    const auto nobody_else = static_cast<uid_t>(1'000'000 + getpid());
    if (setresuid(nobody_else, nobody_else, nobody_else) != 0) std::_Exit(99);
  }
  /// Grants this many threads, the main thread included; 1 grants none. Numbers above 1 mean what
  /// they say only if is_exact(), asked before obey().
  static void grant(rlim_t threads) { set(threads); }
  static void lift() { set(RLIM_INFINITY); }
  [[nodiscard]] static bool is_exact() { return geteuid() == 0; }

 private:
  static void set(rlim_t soft) {
    rlimit limit{};
    getrlimit(RLIMIT_NPROC, &limit);
    limit.rlim_cur = soft < limit.rlim_max ? soft : limit.rlim_max;
    if (setrlimit(RLIMIT_NPROC, &limit) != 0) std::_Exit(98);
  }
};

}  // namespace metlog
