// A thread pool whose tasks log in the context of the thread that posted them. docs/context.md
// shows parts of it. Prints its messages to standard output.

#include <metlog/context.h>
#include <metlog/metlog.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

namespace {

class ThreadPool {
 public:
  explicit ThreadPool(int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
  }
  ~ThreadPool() {
    {
      const std::lock_guard lock(mutex_);
      is_closed_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void post(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    tasks_.push(metlog::with_context(std::move(task)));  // the poster's context
    changed_.notify_one();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return is_closed_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      const std::function<void()> task = std::move(tasks_.front());
      tasks_.pop();
      lock.unlock();
      task();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::queue<std::function<void()>> tasks_;
  bool is_closed_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

int main() {
  metlog::Client log = metlog::open_or_exit("stdout:?format=text", {.logger = "pool"});
  {
    ThreadPool pool(2);
    for (int id = 1; id <= 4; ++id) {
      metlog::ScopedContext request({{"request_id", id}});
      pool.post([&] { METLOG_INFO(log, "on a thread of the pool"); });  // request_id=1, 2, ..
    }
  }

  metlog::ScopedContext request({{"request_id", 5}});
  metlog::Context context = metlog::capture_context();
  std::thread([&] {
    metlog::AttachedContext attached(context);
    METLOG_INFO(log, "on a thread of its own");  // request_id=5
  }).join();
}
