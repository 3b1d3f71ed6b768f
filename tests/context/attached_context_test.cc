// A context that goes from thread to thread.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "metlog/context.h"
#include "tests/context/context_fields.h"

namespace metlog {
namespace {

template <class Body>
void on_another_thread(Body body) {
  std::thread(body).join();
}

TEST(AttachedContext, CarriesWhatWasCapturedToAnotherThread) {
  TestEngine test;
  Context captured;
  {
    const std::string id = "4711";
    const ScopedContext scope({{"request_id", id}});
    captured = capture_context();
  }
  METLOG_INFO(test.log(), "the scope is over");
  on_another_thread([&] {
    METLOG_INFO(test.log(), "before");
    {
      const AttachedContext attached(captured);
      METLOG_INFO(test.log(), "attached");
      const ScopedContext more({{"step", 2}});
      METLOG_INFO(test.log(), "more");
    }
    METLOG_INFO(test.log(), "behind");
  });
  EXPECT_EQ(settled_fields(test), (Fields{"{}", "{}", R"({"request_id":"4711"})",
                                          R"({"request_id":"4711","step":2})", "{}"}));
}

TEST(AttachedContext, TakesThePlaceOfWhatIsThereAndRestoresIt) {
  TestEngine test;
  const Context empty = capture_context();
  const ScopedContext scope({{"a", 1}});
  const Context one = capture_context();
  {
    const ScopedContext other({{"b", 2}});
    const AttachedContext attached(one);
    METLOG_INFO(test.log(), "one");
    const AttachedContext nothing(empty);
    METLOG_INFO(test.log(), "none");
  }
  METLOG_INFO(test.log(), "one");
  EXPECT_EQ(settled_fields(test), (Fields{R"({"a":1})", "{}", R"({"a":1})"}));
}

TEST(AttachedContext, MayBeCopiedMovedAndAttachedTwice) {
  TestEngine test;
  Context copy;
  {
    const ScopedContext scope({{"a", 1}});
    const Context captured = capture_context();
    copy = captured;
  }
  Context moved = std::move(copy);
  copy = moved;
  {
    const AttachedContext first(copy);
    const AttachedContext second(moved);
    copy = Context();
    moved = Context();
    METLOG_INFO(test.log(), "x");
  }
  EXPECT_EQ(settled_fields(test), (Fields{R"({"a":1})"}));
}

TEST(AttachedContext, IsBoundToAFunction) {
  TestEngine test;
  const auto make = [&] {
    const ScopedContext scope({{"request_id", 7}});
    return with_context([&test, owned = std::make_unique<int>(3)](int number) {
      METLOG_INFO(test.log(), "{}", number + *owned);
      return number + *owned;
    });
  };
  auto task = make();
  on_another_thread([&] {
    EXPECT_EQ(task(4), 7);
    METLOG_INFO(test.log(), "behind");
  });
  EXPECT_EQ(settled_fields(test), (Fields{R"({"request_id":7})", "{}"}));
}

// Not the purpose of a scope, but defined.
TEST(ScopedContext, LeftOnAnotherThreadEndsWithTheNextChangeOnItsOwn) {
  TestEngine test;
  auto scope = std::make_unique<ScopedContext>(FieldList{{"a", 1}});
  on_another_thread([&] {
    const ScopedContext others({{"b", 2}});
    scope.reset();
    METLOG_INFO(test.log(), "others");
  });
  METLOG_INFO(test.log(), "not yet");
  { const ScopedContext change({{"c", 3}}); }
  METLOG_INFO(test.log(), "over");
  EXPECT_EQ(settled_fields(test), (Fields{R"({"b":2})", R"({"a":1})", "{}"}));
}

TEST(ScopedContext, OutlivesTheThreadThatEnteredIt) {
  TestEngine test;
  std::unique_ptr<ScopedContext> scope;
  on_another_thread([&] { scope = std::make_unique<ScopedContext>(FieldList{{"a", 1}}); });
  scope.reset();
  METLOG_INFO(test.log(), "x");
  EXPECT_EQ(settled_fields(test), (Fields{"{}"}));
}

struct LogsWhenItDies {
  TestEngine* test = nullptr;
  ~LogsWhenItDies() {
    if (test != nullptr) METLOG_INFO(test->log(), "destructor");
  }
};
thread_local LogsWhenItDies t_logs_when_it_dies;

TEST(ScopedContext, OfAThreadsWholeLifeIsThereForItsLastCalls) {
  TestEngine test;
  on_another_thread([&] {
    thread_local ScopedContext scope({{"thread", "worker"}});
    t_logs_when_it_dies.test = &test;  // dies before the scope
    METLOG_INFO(test.log(), "body");
  });
  on_another_thread([&] {
    t_logs_when_it_dies.test = &test;  // is destroyed after it
    thread_local ScopedContext scope({{"thread", "worker"}});
    METLOG_INFO(test.log(), "body");
  });
  const std::string worker = R"({"thread":"worker"})";
  EXPECT_EQ(settled_fields(test), (Fields{worker, worker, worker, "{}"}));
}

}  // namespace
}  // namespace metlog
