#pragma once

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "absl/status/status.h"
#include "metlog/internal/base/alternate_stack.h"
#include "metlog/internal/base/signal_block.h"
#include "metlog/internal/base/start_thread.h"
#include "metlog/internal/base/wake_event.h"

namespace metlog {

/// The thread of a queue, which may be inside a sender that does not return. Not a std::thread: one
/// frees memory when it has ended, and the program's allocator may wait for the thread that joins
/// it. Started, waited for and joined by one thread at a time.
class QueueThread {
 public:
  QueueThread() = default;
  /// Waits for as long as it takes.
  ~QueueThread() { join(); }
  QueueThread(const QueueThread&) = delete;
  QueueThread& operator=(const QueueThread&) = delete;

  /// Calls `(object.*Run)()` on a thread that takes no signals, unless it was started before.
  /// Errors as start_thread(); nothing has changed then.
  template <auto Run, class T>
  absl::Status start(T& object, const char* whose) {
    if (is_started_) return absl::OkStatus();
    const AllSignalsBlock mask;
    object_ = &object;
    const auto run = [](void* self) -> void* {
      auto& thread = *static_cast<QueueThread*>(self);
      AllSignalsBlock::is_inherited();
      ask_for_short_slice();
      const AlternateStack stack;
      // relaxed: see is_here()
      thread.id_.store(std::this_thread::get_id(), std::memory_order_relaxed);
      (static_cast<T*>(thread.object_)->*Run)();
      thread.has_ended_.store(true, std::memory_order_release);  // pairs with has_ended()
      thread.ended_.signal();
      return nullptr;
    };
    const int error = pthread_create(&thread_, nullptr, run, this);
    if (error != 0) return thread_refused(error, whose);
    is_started_ = true;
    return absl::OkStatus();
  }
  [[nodiscard]] bool is_started() const { return is_started_; }
  /// True on the thread itself.
  [[nodiscard]] bool is_here() const {
    // relaxed: only the thread itself ever finds its own id here
    return id_.load(std::memory_order_relaxed) == std::this_thread::get_id();
  }
  /// True when it runs nothing of the program's any more, or was never started. Any thread.
  [[nodiscard]] bool has_ended() const {
    // acquire: pairs with the release in start()
    return !is_started_ || has_ended_.load(std::memory_order_acquire);
  }
  /// Joins the thread; false when it has not ended by the deadline.
  bool join_until(std::chrono::steady_clock::time_point deadline) {
    while (!has_ended()) {
      const std::chrono::nanoseconds left = deadline - std::chrono::steady_clock::now();
      if (left <= std::chrono::nanoseconds(0)) return false;
      ended_.wait(left);
    }
    join();
    return true;
  }

 private:
  void join() {
    if (!is_started_ || is_joined_) return;
    pthread_join(thread_, nullptr);
    is_joined_ = true;
  }

  void* object_ = nullptr;
  pthread_t thread_{};
  bool is_started_ = false;
  bool is_joined_ = false;
  std::atomic<std::thread::id> id_{};   // stored by the thread itself
  std::atomic<bool> has_ended_{false};  // stored by the thread itself
  WakeEvent ended_;                     // of join_until()
};

}  // namespace metlog
