// Many threads that change their contexts and hand them on: each message carries exactly its own.

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "metlog/context.h"
#include "metlog/trace_context.h"
#include "tests/context/context_fields.h"
#include "tests/support/messages.h"
#include "tests/support/stepper.h"

namespace metlog {
namespace {

/// A minimal thread pool.
class Pool {
 public:
  explicit Pool(int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
  }
  ~Pool() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  void post(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    tasks_.push(std::move(task));
    changed_.notify_one();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return stopping_ || !tasks_.empty(); });
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
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

TestEngineOptions blocking() {
  TestEngineOptions options;
  options.client.when_full = WhenFull::kBlock;
  options.engine.ring_bytes = 4096;
  options.threads = Engine::Threads::kOwn;
  return options;
}

/// Each message's text is what its context's fields say; returns their number.
std::size_t expect_exact(TestEngine& test) {
  EXPECT_TRUE(test.client().flush(std::chrono::seconds(60)));
  const std::vector<std::string> messages = test.capture().messages();
  for (const std::string& message : messages) {
    EXPECT_EQ(payload_of(message), fields_text(message).substr(0, 20)) << message;
    if (testing::Test::HasFailure()) break;
  }
  return messages.size();
}

/// Makes messages in contexts at random, nested up to `depth`; returns their number.
class Walk {
 public:
  Walk(TestEngine& test, std::uint32_t seed) : test_(test), random_(seed), seed_(seed) {}

  void go(int steps) {
    for (int i = 0; i < steps; ++i) go_deeper(0, "{}");
  }
  [[nodiscard]] std::size_t calls() const { return calls_; }

 private:
  void go_deeper(int depth, const std::string& fields) {
    say(fields);
    if (depth == 5 || random_() % 3 == 0) return;
    const std::string value = std::to_string(seed_) + "." + std::to_string(random_() % 1000);
    {
      const ScopedContext scope({{"walk", value}, {"depth", depth}});
      go_deeper(depth + 1, R"({"walk":")" + value + R"(","depth":)" + std::to_string(depth) + "}");
    }
    if (random_() % 2 == 0) say(fields);
  }
  void say(const std::string& fields) {
    ++calls_;
    METLOG_INFO(test_.log(), "{}", std::string_view(fields).substr(0, 20));
  }

  TestEngine& test_;
  std::mt19937 random_;
  const std::uint32_t seed_;
  std::size_t calls_ = 0;
};

TEST(ContextOfManyThreads, IsExactForEachOfTheirMessages) {
  TestEngine test(blocking());
  std::atomic<std::size_t> calls{0};
  std::vector<std::thread> threads;
  for (std::uint32_t seed = 1; seed <= 8; ++seed) {
    threads.emplace_back([&, seed] {
      Walk walk(test, seed);
      walk.go(600);
      calls += walk.calls();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(expect_exact(test), calls);
  EXPECT_EQ(test.calls(), calls);
}

TEST(ContextOfManyThreads, FollowsTasksThroughAPool) {
  constexpr int kTasks = 2000;
  TestEngine test(blocking());
  {
    Pool pool(4);
    for (int i = 0; i < kTasks; ++i) {
      const std::string id = std::to_string(100'000 + i);
      const ScopedContext scope({{"id", id}});
      pool.post(with_context([&, id, context = capture_context()] {
        const std::string fields = R"({"id":")" + id + R"("})";
        METLOG_INFO(test.log(), "{}", fields.substr(0, 20));
        pool.post([&, fields, context] {
          METLOG_INFO(test.log(), "{{}}");
          const AttachedContext attached(context);
          METLOG_INFO(test.log(), "{}", fields.substr(0, 20));
        });
      }));
    }
  }
  EXPECT_EQ(expect_exact(test), 3U * kTasks);
}

TEST(ContextOfManyThreads, IsCountedRightWhenAllShareAndDropIt) {
  TestEngine test(blocking());
  const Context context = [] {
    const ScopedContext scope({{"shared", true}});
    return capture_context();
  }();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 500; ++round) {
        const Context copy = context;
        const AttachedContext attached(copy);
        const AttachedContext again(capture_context());
        METLOG_INFO(test.log(), "{}", R"({"shared":true})");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(expect_exact(test), 2000U);
}

// Every scope is left by another thread than the one that entered it, while that one continues.
TEST(ContextOfManyThreads, HasNoRaceWhenScopesAreLeftElsewhere) {
  TestEngine test(blocking());
  std::mutex mutex;
  std::vector<std::unique_ptr<ScopedContext>> scopes;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 500; ++round) {
        auto scope = std::make_unique<ScopedContext>(FieldList{{"n", i}});
        METLOG_INFO(test.log(), "any");
        const std::lock_guard lock(mutex);
        scopes.push_back(std::move(scope));
        if (scopes.size() > 8) scopes.erase(scopes.begin());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(test.client().flush(std::chrono::seconds(60)));
}

}  // namespace
}  // namespace metlog
