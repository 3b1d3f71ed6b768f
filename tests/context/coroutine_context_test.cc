// Coroutines whose context goes with them from thread to thread.

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "tests/context/context_fields.h"
#include "tests/context/task.h"

namespace metlog {
namespace {

template <class Body>
void on_another_thread(Body body) {
  std::thread(body).join();
}

/// Suspends; any thread may resume it.
using Pause = std::suspend_always;

void say(TestEngine& test) { METLOG_INFO(test.log(), "x"); }

Task two_steps(TestEngine& test) {
  say(test);
  {
    const ScopedContext step({{"step", 1}});
    say(test);
    co_await Pause();
    say(test);
  }
  say(test);
}

TEST(CarriedContext, FollowsTheCoroutineWithTheScopesThatItEntered) {
  TestEngine test;
  std::optional<Task> task;
  {
    const ScopedContext request({{"id", 7}});
    task.emplace(two_steps(test));
  }
  on_another_thread([&] {
    const ScopedContext others({{"thread", 1}});
    task->resume();
    say(test);
  });
  on_another_thread([&] {
    const ScopedContext others({{"thread", 2}});
    task->resume();
    say(test);
  });
  EXPECT_TRUE(task->is_done());
  const std::string request = R"({"id":7})";
  const std::string step = R"({"id":7,"step":1})";
  EXPECT_EQ(settled_fields(test),
            (Fields{request, step, R"({"thread":1})", step, request, R"({"thread":2})"}));
}

/// Continues on a given thread, and knows the coroutine that waits for it.
struct Resumer {
  std::coroutine_handle<> waiting;
  bool await_ready() { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) { waiting = coroutine; }
  int await_resume() { return 3; }
};

Task leaf(TestEngine& test, Resumer& resumer) {
  const ScopedContext scope({{"leaf", true}});
  say(test);
  EXPECT_EQ(co_await resumer, 3);
  say(test);
}

Task root(TestEngine& test, Resumer& resumer) {
  const ScopedContext scope({{"root", true}});
  co_await leaf(test, resumer);
  say(test);
  co_await leaf(test, resumer);
  say(test);
}

TEST(CarriedContext, ComesBackWhenAChildEndsOnAnotherThread) {
  TestEngine test;
  Resumer resumer;
  Task task = root(test, resumer);
  task.resume();
  on_another_thread([&] {
    resumer.waiting.resume();
    say(test);
  });
  on_another_thread([&] {
    const ScopedContext others({{"other", true}});
    resumer.waiting.resume();
    say(test);
  });
  EXPECT_TRUE(task.is_done());
  const std::string leaf = R"({"root":true,"leaf":true})";
  const std::string root = R"({"root":true})";
  EXPECT_EQ(settled_fields(test),
            (Fields{leaf, leaf, root, leaf, "{}", leaf, root, R"({"other":true})"}));
}

struct Throws {
  bool await_ready() { return false; }
  void await_suspend(std::coroutine_handle<>) { throw std::runtime_error("not suspended"); }
  void await_resume() {}
};
struct GoesOnAtOnce {
  bool await_ready() { return false; }
  bool await_suspend(std::coroutine_handle<>) { return false; }
  void await_resume() {}
};
/// Awaited by its operator, and not movable.
struct Operated {
  struct Awaiter {
    Awaiter() = default;
    Awaiter(const Awaiter&) = delete;
    bool await_ready() { return true; }
    void await_suspend(std::coroutine_handle<>) {}
    std::string await_resume() { return "operated"; }
  };
  Awaiter operator co_await() { return {}; }
};
struct OperatedFreely {};
std::suspend_never operator co_await(OperatedFreely) { return {}; }

Task all_kinds(TestEngine& test) {
  const ScopedContext scope({{"own", true}});
  try {
    co_await Throws();
    ADD_FAILURE() << "it throws";
  } catch (const std::runtime_error&) {
    say(test);
  }
  co_await GoesOnAtOnce();
  say(test);
  EXPECT_EQ(co_await Operated(), "operated");
  say(test);
  co_await OperatedFreely();
  say(test);
  std::suspend_never ready;
  co_await ready;
  say(test);
}

TEST(CarriedContext, IsInForceBehindEveryKindOfAwaiter) {
  TestEngine test;
  const ScopedContext scope({{"thread", true}});
  Task task = all_kinds(test);
  task.resume();
  EXPECT_TRUE(task.is_done());
  say(test);
  Fields expected(5, R"({"thread":true,"own":true})");
  expected.push_back(R"({"thread":true})");
  EXPECT_EQ(settled_fields(test), expected);
}

TEST(CarriedContext, OfACoroutineThatIsGivenUpEndsWithIt) {
  TestEngine test;
  {
    const ScopedContext request({{"id", 7}});
    Task task = two_steps(test);
    on_another_thread([&] { task.resume(); });
    say(test);
  }
  say(test);
  EXPECT_EQ(settled_fields(test),
            (Fields{R"({"id":7})", R"({"id":7,"step":1})", R"({"id":7})", "{}"}));
}

TEST(CarriedContext, IsDrivenByHandForFibres) {
  TestEngine test;
  CarriedContext fibre;
  std::optional<ScopedContext> scope;
  fibre.resume();
  fibre.resume();  // does nothing
  scope.emplace(FieldList{{"fibre", 1}});
  fibre.suspend();
  fibre.suspend();  // does nothing
  say(test);
  on_another_thread([&] {
    fibre.resume();
    say(test);
    scope.reset();
    say(test);
    fibre.suspend();
  });
  EXPECT_EQ(settled_fields(test), (Fields{"{}", R"({"fibre":1})", "{}"}));
}

}  // namespace
}  // namespace metlog
