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
  /// Looks, if it is time for it, and begins the exit, once: calls exit(0) on a new thread that
  /// takes signals as the host's threads did. Tries again at the next look when the system refuses
  /// that thread.
  void look();

 private:
  // Of the flusher's thread.
  std::chrono::steady_clock::time_point next_look_{};
  bool has_begun_exit_ = false;
};

}  // namespace metlog
