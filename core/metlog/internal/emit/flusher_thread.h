#pragma once

namespace metlog {

/// While one lives, its thread does the flusher's work, and the user's filters and formatters run
/// in it. A call that they make must not wait for room in a ring, which nobody but this thread can
/// make: WhenFull::kBlock drops and counts there.
class FlusherThread {
 public:
  FlusherThread() { t_depth_ = t_depth_ + 1; }
  ~FlusherThread() { t_depth_ = t_depth_ - 1; }
  FlusherThread(const FlusherThread&) = delete;
  FlusherThread& operator=(const FlusherThread&) = delete;

  /// Whether the calling thread is inside of one.
  static bool is_here() { return t_depth_ > 0; }

 private:
  static constinit thread_local int t_depth_;
};

}  // namespace metlog
