#include "metlog/internal/flush/queue/queue_thread.h"

#include <algorithm>
#include <cassert>
#include <thread>
#include <utility>

#include "metlog/internal/base/alternate_stack.h"
#include "metlog/internal/base/own_thread.h"
#include "metlog/internal/base/signal_block.h"
#include "metlog/internal/base/start_thread.h"

namespace metlog {
namespace {

using std::chrono::steady_clock;

// More than it takes to start a thread, and to join one that is over. It may be the program's
// allocator that waits there, for the thread that is here.
constexpr std::chrono::milliseconds kPatience{500};

}  // namespace

constinit thread_local const QueueThread* QueueThread::t_here = nullptr;
constinit thread_local bool QueueThread::t_is_late = false;
constinit thread_local QueueThread* QueueThread::t_first_late = nullptr;

QueueThread::~QueueThread() {
  assert(first_ == nullptr && !is_here());
  if (!is_joinable_) return;
  wakeup_.signal();
  pthread_join(handle_, nullptr);
}

void QueueThread::link(Task& task) {
  task.due_ = {};
  task.next_ = nullptr;
  Task** last = &first_;
  while (*last != nullptr) last = &(*last)->next_;
  *last = &task;
  // A round that is in the turn of its last task has not ended: it would sleep as if there were no
  // other, and for ever when that turn is the task's last.
  if (cursor_ == nullptr) cursor_ = &task;
  // relaxed, both: under the mutex
  task.is_on_.store(true, std::memory_order_relaxed);
  task_count_.fetch_add(1, std::memory_order_relaxed);
}

void QueueThread::unlink(Task& task) {
  Task** place = &first_;
  while (*place != &task) place = &(*place)->next_;
  *place = task.next_;
  if (cursor_ == &task) cursor_ = task.next_;
  task_count_.fetch_sub(1, std::memory_order_relaxed);  // relaxed: under the mutex
  // (3) release: pairs with the acquire in is_on(); the last access
  task.is_on_.store(false, std::memory_order_release);
}

absl::Status QueueThread::add(Task& task) {
  if (handle_mutex_.is_mine()) {
    return absl::FailedPreconditionError("metlog is starting a sender's thread; call it later");
  }
  if (!handle_mutex_.try_lock_until(steady_clock::now() + kPatience)) {
    return absl::DeadlineExceededError(
        "another thread has not ended its attempt to start a sender's thread; call it later");
  }
  const std::lock_guard handle(handle_mutex_, std::adopt_lock);
  bool is_running = false;
  {
    const std::lock_guard lock(mutex_);
    link(task);
    is_running = std::exchange(is_running_, true);
    changed_.notify_all();  // for wait_for_end()
  }
  if (is_running) {
    wakeup_.signal();
    return absl::OkStatus();
  }
  absl::Status status = start();
  if (!status.ok()) {
    const std::lock_guard lock(mutex_);
    unlink(task);
    is_running_ = false;
  }
  return status;
}

absl::Status QueueThread::start() {
  if (std::exchange(is_joinable_, false)) pthread_join(handle_, nullptr);
  const AllSignalsBlock mask;
  const auto body = [](void* self) -> void* {
    static_cast<QueueThread*>(self)->run();
    return nullptr;
  };
  const int error = pthread_create(&handle_, nullptr, body, this);
  if (error != 0) return thread_refused(error, "a sender's");
  is_joinable_ = true;
  return absl::OkStatus();
}

void QueueThread::wake(Task& task) {
  // release: pairs with the exchange in run_round(), by which the thread sees what came before
  task.is_woken_.store(true, std::memory_order_release);
  wakeup_.signal();
}

void QueueThread::wake_late(Task& task) {
  if (!t_is_late) return wake(task);
  task.is_woken_.store(true, std::memory_order_release);  // release: as in wake()
  if (!std::exchange(is_late_, true)) next_late_ = std::exchange(t_first_late, this);
}

void QueueThread::LateWakes::end() {
  t_is_late = false;
  while (t_first_late != nullptr) {
    QueueThread& thread = *std::exchange(t_first_late, t_first_late->next_late_);
    thread.is_late_ = false;
    thread.wakeup_.signal();
  }
}

void QueueThread::Sleep::shorten(const Next& next) {
  until = std::min(until, next.at);
  ends_when_woken |= next.kind == Next::Kind::kWhenWakened;
}

void QueueThread::run() {
  t_here = this;
  AllSignalsBlock::is_inherited();
  ask_for_short_slice();
  const AlternateStack stack;
  const OwnThread mark;
  place_.enter_or_say();
  for (Sleep sleep; run_round(sleep); sleep = {}) {
    const auto now = steady_clock::now();
    if (sleep.until <= now) continue;
    const std::chrono::nanoseconds left = sleep.until - now;
    if (sleep.ends_when_woken) {
      wakeup_.wait(left);
    } else {
      std::this_thread::sleep_for(left);  // a wake would only be looked at and put off
    }
  }
}

bool QueueThread::is_due(const Task& task, TimePoint now) {
  if (task.due_.at <= now) return true;
  // relaxed: the exchange in run_round() decides what is seen
  return task.due_.kind == Next::Kind::kWhenWakened &&
         task.is_woken_.load(std::memory_order_relaxed);
}

/// Gives each task that is due a turn, and says when the next is. False when there is no task: the
/// thread does not run any more then.
bool QueueThread::run_round(Sleep& sleep) {
  const TimePoint now = steady_clock::now();
  std::unique_lock lock(mutex_);
  if (first_ == nullptr) {
    is_running_ = false;
    changed_.notify_all();
    return false;
  }
  cursor_ = first_;
  while (Task* const task = cursor_) {
    cursor_ = task->next_;
    if (!is_due(*task, now)) {
      sleep.shorten(task->due_);
      continue;
    }
    inside_ = task;
    lock.unlock();
    // acquire: pairs with wake()
    task->is_woken_.exchange(false, std::memory_order_acquire);
    const Next next = task->run_turn();
    lock.lock();
    inside_ = nullptr;
    is_stuck_.store(false, std::memory_order_relaxed);  // relaxed: under the mutex
    if (next.kind == Next::Kind::kEnded) {
      unlink(*task);
    } else {
      task->due_ = next;
      sleep.shorten(next);
    }
    if (waiting_ != 0) changed_.notify_all();
  }
  if (first_ == nullptr) sleep.until = TimePoint::min();
  return true;
}

bool QueueThread::take_off(Task& task, TimePoint until, TimePoint give_up_at) {
  std::unique_lock lock(mutex_);
  if (!is_here()) {
    const auto is_over = [&] { return !task.is_on() || (inside_ != &task && task.is_at_rest()); };
    const auto is_outside = [&] { return !task.is_on() || inside_ != &task; };
    ++waiting_;
    const bool is_free = changed_.wait_until(lock, until, is_over) ||
                         changed_.wait_until(lock, give_up_at, is_outside);
    --waiting_;
    if (!is_free) {
      is_stuck_.store(true, std::memory_order_relaxed);  // relaxed: under the mutex
      return false;
    }
  }
  if (task.is_on()) unlink(task);
  if (first_ == nullptr && !is_here()) wait_for_end(lock);
  return true;
}

/// Waits for the thread's end, for which it needs no turn any more, so that it does not outlive the
/// last client.
void QueueThread::wait_for_end(std::unique_lock<std::mutex>& lock) {
  wakeup_.signal();
  const auto is_over = [&] { return !is_running_ || first_ != nullptr; };
  changed_.wait_until(lock, steady_clock::now() + kPatience, is_over);
  const bool has_ended = !is_running_;
  lock.unlock();
  if (has_ended) join_ended();
}

void QueueThread::join_ended() {
  // Who starts it joins what was before.
  if (handle_mutex_.is_mine() || !handle_mutex_.try_lock_until(steady_clock::now())) return;
  const std::lock_guard handle(handle_mutex_, std::adopt_lock);
  {
    const std::lock_guard lock(mutex_);
    if (is_running_) return;
  }
  if (std::exchange(is_joinable_, false)) pthread_join(handle_, nullptr);
}

}  // namespace metlog
