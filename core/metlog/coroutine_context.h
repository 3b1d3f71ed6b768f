#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <coroutine>
#include <type_traits>
#include <utility>

#include "metlog/context.h"

namespace metlog {

/// The context of a coroutine, which follows it from thread to thread, with the scopes that it has
/// entered. It is a member of the promise, and everything that the coroutine awaits goes through
/// it:
///
///   struct promise_type {
///     metlog::CarriedContext context;
///     auto initial_suspend() { return context.carry(std::suspend_always{}); }
///     auto final_suspend() noexcept { return context.carry(std::suspend_always{}); }
///     template <class A>
///     auto await_transform(A&& a) { return context.carry(std::forward<A>(a)); }
///
/// It begins as the context of the thread that made it, so of the coroutine's caller. Used by one
/// thread at a time: the one that runs the coroutine. A scheduler of fibres calls resume() and
/// suspend() itself.
class CarriedContext {
 public:
  CarriedContext();
  CarriedContext(const CarriedContext&) = delete;
  CarriedContext& operator=(const CarriedContext&) = delete;
  ~CarriedContext();

  /// Replaces the context of the calling thread by this one. Does nothing when it is in force.
  void resume() noexcept;
  /// Stores the present context here and restores the thread's own. Call it on the thread of
  /// resume(). Does nothing when it is not in force.
  void suspend() noexcept;

  /// Returns what to await instead of `awaitable`: suspends and resumes the context around it.
  /// Moves an rvalue, refers to an lvalue.
  template <class Awaitable>
  auto carry(Awaitable&& awaitable);

 private:
  ContextScope* stack_;                   // counted; null while in force
  ContextScope* thread_stack_ = nullptr;  // counted; the thread's own while in force
  bool is_in_force_ = false;
};

/// Returns the awaiter that co_await uses: the result of operator co_await, or `awaitable` itself.
template <class Awaitable>
decltype(auto) awaiter_of(Awaitable&& awaitable) {
  if constexpr (requires { std::forward<Awaitable>(awaitable).operator co_await(); }) {
    return std::forward<Awaitable>(awaitable).operator co_await();
  } else if constexpr (requires { operator co_await(std::forward<Awaitable>(awaitable)); }) {
    return operator co_await(std::forward<Awaitable>(awaitable));
  } else {
    return std::forward<Awaitable>(awaitable);
  }
}

/// See CarriedContext::carry(). `Awaitable` is a reference for an lvalue.
template <class Awaitable>
class CarriedAwaiter {
  using Awaiter = decltype(awaiter_of(std::declval<Awaitable&&>()));
  static std::remove_reference_t<Awaiter>& awaiter() noexcept;  // never called

 public:
  CarriedAwaiter(CarriedContext& context, Awaitable&& awaitable)
      : context_(context), awaitable_(std::forward<Awaitable>(awaitable)) {}
  CarriedAwaiter(const CarriedAwaiter&) = delete;
  CarriedAwaiter& operator=(const CarriedAwaiter&) = delete;

  bool await_ready() noexcept(noexcept(awaiter().await_ready())) { return awaiter_.await_ready(); }
  template <class Promise>
  auto await_suspend(std::coroutine_handle<Promise> coroutine) noexcept(
      noexcept(awaiter().await_suspend(coroutine))) {
    // First, because after the next line the coroutine may already run on another thread.
    context_.suspend();
    return suspend(coroutine);
  }
  decltype(auto) await_resume() noexcept(noexcept(awaiter().await_resume())) {
    context_.resume();
    return awaiter_.await_resume();
  }

 private:
  /// Without try and catch, so that the header compiles with -fno-exceptions.
  struct ResumeAtThrow {
    CarriedContext* context;
    ~ResumeAtThrow() {
      if (context != nullptr) context->resume();  // the coroutine continues at once
    }
  };

  template <class Promise>
  auto suspend(std::coroutine_handle<Promise> coroutine) {
    ResumeAtThrow at_throw{&context_};
    if constexpr (std::is_void_v<decltype(awaiter_.await_suspend(coroutine))>) {
      awaiter_.await_suspend(coroutine);
      at_throw.context = nullptr;
    } else {
      auto result = awaiter_.await_suspend(coroutine);
      at_throw.context = nullptr;
      return result;
    }
  }

  CarriedContext& context_;
  Awaitable awaitable_;
  Awaiter awaiter_ = awaiter_of(std::forward<Awaitable>(awaitable_));
};

template <class Awaitable>
auto CarriedContext::carry(Awaitable&& awaitable) {
  return CarriedAwaiter<Awaitable>(*this, std::forward<Awaitable>(awaitable));
}

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
