#pragma once

#include <coroutine>
#include <exception>
#include <utility>

#include "metlog/coroutine_context.h"

namespace metlog {

/// A lazy coroutine that hands over to its caller when it ends, as cppcoro's and folly's do; with a
/// context of its own.
class Task {
 public:
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  struct HandOver {
    bool await_ready() noexcept { return false; }
    std::coroutine_handle<> await_suspend(Handle ended) noexcept;
    void await_resume() noexcept {}
  };
  struct promise_type {
    CarriedContext context;
    std::coroutine_handle<> caller = std::noop_coroutine();
    std::exception_ptr error;

    Task get_return_object() { return Task(Handle::from_promise(*this)); }
    auto initial_suspend() { return context.carry(std::suspend_always{}); }
    auto final_suspend() noexcept { return context.carry(HandOver{}); }
    template <class A>
    auto await_transform(A&& awaitable) {
      return context.carry(std::forward<A>(awaitable));
    }
    void return_void() {}
    void unhandled_exception() { error = std::current_exception(); }
  };

  Task(Task&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
  ~Task() {
    if (coroutine_) coroutine_.destroy();
  }

  [[nodiscard]] bool is_done() const { return coroutine_.done(); }
  void resume() { coroutine_.resume(); }

  // The awaiter for another coroutine.
  bool await_ready() { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) {
    coroutine_.promise().caller = caller;
    return coroutine_;
  }
  void await_resume() {
    if (coroutine_.promise().error) std::rethrow_exception(coroutine_.promise().error);
  }

 private:
  explicit Task(Handle coroutine) : coroutine_(coroutine) {}

  Handle coroutine_;
};

inline std::coroutine_handle<> Task::HandOver::await_suspend(Handle ended) noexcept {
  return ended.promise().caller;
}

}  // namespace metlog
