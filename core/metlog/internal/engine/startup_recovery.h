#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "metlog/engine.h"
#include "metlog/internal/base/thread_place.h"
#include "metlog/options.h"

namespace metlog {

/// Delivers, at the start of a program, what processes have left in its session directory when they
/// died; see EngineOptions::recover. Nothing waits for it: its thread is stopped when the engine
/// ends, and the next start goes on. Not in a forked child.
class StartupRecovery {
 public:
  /// Before the engine makes its session: where the file system is nearly full, throws away what
  /// dead sessions hold above their limit, until the session has room.
  StartupRecovery(const EngineOptions& options, Engine::Threads threads);
  ~StartupRecovery() { stop(); }
  StartupRecovery(const StartupRecovery&) = delete;
  StartupRecovery& operator=(const StartupRecovery&) = delete;

  /// Starts the thread, once, if there is a dead session. After the first client is open: its file
  /// may have been emptied.
  void start();
  /// Tells the thread to stop. Any thread.
  void ask_to_stop() {
    if (task_ != nullptr)
      task_->stopping.store(true, std::memory_order_relaxed);  // relaxed: a flag
  }
  /// The same, and ends it, without waiting longer than for a moment: it may be inside a system
  /// call that does not return.
  void stop();

 private:
  /// What the thread has, which may outlive this.
  struct Task {
    std::string directory;
    Recover scope = Recover::kNone;
    std::string program;
    std::optional<std::uint64_t> leftover_bytes;
    ThreadPlace place;
    std::atomic<bool> stopping{false};
    std::atomic<bool> is_done{false};

    void run();
    void recover();
  };

  void make_room();

  const pid_t owner_pid_;
  std::shared_ptr<Task> task_;  // null when there is nothing to be done
  std::atomic<bool> has_started_{false};
  std::mutex mutex_;
  std::thread thread_;
};

}  // namespace metlog
