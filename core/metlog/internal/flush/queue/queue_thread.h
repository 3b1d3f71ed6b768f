#pragma once

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>

#include "absl/status/status.h"
#include "metlog/internal/base/reentrant_mutex.h"
#include "metlog/internal/base/thread_place.h"
#include "metlog/internal/base/wake_event.h"

namespace metlog {

/// A thread that works for one queue, or in turn for several that send to one destination. It runs
/// from the first add() until the last task is off it; another add() starts it again. Any thread
/// may call anything, but for what a Task says.
///
///   add() -> [ run_turn() .. until that returns kEnded, or take_off() ] -> off: is_on() is false
///
/// 1. A task that is on the thread is touched by run_turn() alone, which the thread calls without
///    the mutex. `inside_` says for which task.
/// 2. A task goes off under the mutex, and never while `inside_` is it. So the thread is outside of
///    it for good then, and what it did there is visible to whoever sees that it is off.
/// 3. Clearing `is_on_` is the thread's last access to a task: it may be destroyed from then on.
///
/// A sender may not return, and it may be inside any turn: the mutex is not held there, and no
/// task's end waits for the turn of another. Nothing is allocated or freed under the mutex. Not a
/// std::thread: one frees memory when it has ended, and the program's allocator may wait for the
/// thread that joins it.
class QueueThread {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// When a task wants its next turn.
  struct Next {
    enum class Kind : std::uint8_t {
      kNotBefore,    // at that time, which is soon; not sooner
      kWhenWakened,  // when it is woken, or at that time
      kEnded,        // never
    };
    Kind kind = Kind::kNotBefore;
    TimePoint at = TimePoint::min();
  };

  /// What the thread does for a queue. It is on one thread at most.
  class Task {
   public:
    /// True from add() until the thread is outside of it for good. Any thread.
    [[nodiscard]] bool is_on() const {
      return is_on_.load(std::memory_order_acquire);  // pairs with the release in unlink()
    }

   protected:
    ~Task() = default;

   private:
    friend class QueueThread;
    /// Does one piece of work, about as long as a sender takes for a batch.
    virtual Next run_turn() = 0;
    /// True when a turn would find nothing to do but to end. Between turns.
    [[nodiscard]] virtual bool is_at_rest() const = 0;

    std::atomic<bool> is_woken_{false};
    // Stored under the thread's mutex.
    std::atomic<bool> is_on_{false};
    Task* next_ = nullptr;
    Next due_;
  };

  explicit QueueThread(ThreadPlace place) : place_(std::move(place)) {}
  /// Waits for as long as the thread takes to end. Requires that every task is off.
  ~QueueThread();
  QueueThread(const QueueThread&) = delete;
  QueueThread& operator=(const QueueThread&) = delete;

  /// Lets the thread work for the task, and starts it if it does not run. Takes no signals of the
  /// host. Errors as start_thread(); kDeadlineExceeded when another thread does not return from
  /// starting it, kFailedPrecondition inside that. The task is off then.
  absl::Status add(Task& task);
  /// Gives the task a turn soon.
  void wake(Task& task);
  /// The same at the end of the calling thread's LateWakes, if there is one.
  void wake_late(Task& task);
  /// While it lives, puts off what its thread wakes by wake_late(): a thread that works for many
  /// queues is woken once for all of them, not for each after it was done with the one before.
  /// Under the flusher's mutex, without which no task is destroyed.
  class LateWakes {
   public:
    LateWakes() { t_is_late = true; }
    ~LateWakes() { end(); }
    LateWakes(const LateWakes&) = delete;
    LateWakes& operator=(const LateWakes&) = delete;
    /// Ends that of the calling thread early, for one that exits the process and never returns to
    /// it.
    static void end();
  };
  /// Takes the task off: once it has ended or is at rest; from `until` on, as soon as it is not in
  /// a turn. False when a turn has not ended by `give_up_at`; the task goes off by itself later, if
  /// its next turn ends it. On the thread itself, but not in the task's turn, at once.
  bool take_off(Task& task, TimePoint until, TimePoint give_up_at);

  /// True on the thread itself.
  [[nodiscard]] bool is_here() const { return t_here == this; }
  /// True on it, in a turn of this task.
  [[nodiscard]] bool is_inside(const Task& task) const { return is_here() && inside_ == &task; }
  /// True on any such thread.
  static bool is_any_here() { return t_here != nullptr; }
  /// True when it works for several tasks, or did a moment ago.
  [[nodiscard]] bool is_shared() const {
    return task_count_.load(std::memory_order_relaxed) > 1;  // relaxed: a hint
  }
  /// True while a turn goes on for which take_off() has given up.
  [[nodiscard]] bool is_stuck() const {
    return is_stuck_.load(std::memory_order_relaxed);  // relaxed: a hint
  }

 private:
  struct Sleep {
    TimePoint until = TimePoint::max();
    bool ends_when_woken = false;
    void shorten(const Next& next);
  };

  absl::Status start();
  void run();
  bool run_round(Sleep& sleep);
  static bool is_due(const Task& task, TimePoint now);
  void link(Task& task);
  void unlink(Task& task);
  void wait_for_end(std::unique_lock<std::mutex>& lock);
  void join_ended();

  static constinit thread_local const QueueThread* t_here;
  static constinit thread_local bool t_is_late;
  static constinit thread_local QueueThread* t_first_late;

  const ThreadPlace place_;
  WakeEvent wakeup_;
  // Stored under the flusher's mutex, see LateWakes.
  bool is_late_ = false;
  QueueThread* next_late_ = nullptr;

  // Guards the thread's start and its joins.
  ReentrantMutex handle_mutex_;
  pthread_t handle_{};
  bool is_joinable_ = false;

  mutable std::mutex mutex_;
  std::condition_variable changed_;  // a task went off, or a turn ended
  // Stored under the mutex; `inside_` by the thread alone, which reads it without.
  Task* first_ = nullptr;
  Task* cursor_ = nullptr;  // the next one to look at in a round
  const Task* inside_ = nullptr;
  bool is_running_ = false;
  std::size_t waiting_ = 0;  // threads in take_off()
  std::atomic<std::size_t> task_count_{0};
  std::atomic<bool> is_stuck_{false};
};

}  // namespace metlog
