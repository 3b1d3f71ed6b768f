// Coroutines that go from thread to thread, and their contexts with them. docs/context.md shows
// parts of it. Prints its messages to standard output.

#include <metlog/coroutine_context.h>
#include <metlog/metlog.h>

#include <coroutine>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

namespace {

/// A coroutine that others may await; it runs when it is awaited or started.
class Task {
 public:
  struct promise_type {
    metlog::CarriedContext context;

    auto initial_suspend() { return context.carry(std::suspend_always{}); }
    auto final_suspend() noexcept { return context.carry(ToCaller{}); }
    template <class Awaitable>
    auto await_transform(Awaitable&& awaitable) {
      return context.carry(std::forward<Awaitable>(awaitable));
    }

    Task get_return_object() { return Task(Handle::from_promise(*this)); }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
    std::coroutine_handle<> caller = std::noop_coroutine();
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  ~Task() {
    if (handle_) handle_.destroy();
  }
  void start() { handle_.resume(); }

  bool await_ready() { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) {
    handle_.promise().caller = caller;
    return handle_;
  }
  void await_resume() {}

 private:
  using Handle = std::coroutine_handle<promise_type>;
  struct ToCaller {
    bool await_ready() noexcept { return false; }
    std::coroutine_handle<> await_suspend(Handle ended) noexcept { return ended.promise().caller; }
    void await_resume() noexcept {}
  };

  explicit Task(Handle handle) : handle_(handle) {}

  Handle handle_;
};

/// A coroutine that awaits it continues on a new thread.
struct OnAnotherThread {
  std::vector<std::thread>& threads;
  bool await_ready() { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) {
    threads.emplace_back([coroutine] { coroutine.resume(); });
  }
  void await_resume() {}
};

Task read_row(metlog::Client& log, std::vector<std::thread>& threads) {
  metlog::ScopedContext step({{"step", "read"}});
  METLOG_INFO(log, "reading");  // request_id=4711 step=read
  co_await OnAnotherThread{threads};
  METLOG_INFO(log, "read");  // the same, on another thread
}

Task handle(metlog::Client& log, std::vector<std::thread>& threads) {
  metlog::ScopedContext request({{"request_id", 4711}});
  METLOG_INFO(log, "begin");  // request_id=4711
  co_await read_row(log, threads);
  METLOG_INFO(log, "end");  // request_id=4711, on the other thread
}

}  // namespace

int main() {
  metlog::Client log = metlog::open_or_exit("stdout:?format=text", {.logger = "coroutine"});
  std::vector<std::thread> threads;
  threads.reserve(1);
  Task task = handle(log, threads);
  task.start();
  METLOG_INFO(log, "meanwhile, here");  // no context
  for (std::thread& thread : threads) thread.join();
}
