#pragma once

#include <chrono>

namespace metlog {

/// Notices that main() has ended by pthread_exit() and that all other threads of the host have
/// ended since. Without our threads the process would end then, with exit(0). Used by the flusher's
/// thread, which asks in each round; looks at most five times a second, and then reads one small
/// file of /proc as long as main() lives. Without /proc it notices nothing, and the process stays
/// until it is killed.
class MainThreadWatch {
 public:
  /// True once, when the process should exit.
  bool should_exit();

 private:
  std::chrono::steady_clock::time_point next_look_{};
  bool has_said_so_ = false;
};

/// Calls exit(0) on a new thread that takes signals as the host's threads did.
void exit_like_last_thread();

}  // namespace metlog
