#pragma once

#include <sys/types.h>

#include <cstddef>

namespace metlog {

/// Marks the thread on whose stack it lives as one of the library's, whatever its name is. There is
/// room for thousands; a thread without a mark counts as the host's.
class OwnThread {
 public:
  OwnThread();
  ~OwnThread();
  OwnThread(const OwnThread&) = delete;
  OwnThread& operator=(const OwnThread&) = delete;

  /// True while the thread of this id has a mark. Any thread.
  static bool is(pid_t id);
  /// Forgets all marks, in a forked child: it has none of these threads. Called before it starts
  /// some.
  static void forget_all();

 private:
  std::size_t index_;
};

}  // namespace metlog
