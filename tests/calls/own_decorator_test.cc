// Kinds of decorators that a program has itself: MetlogDecorator of the reference.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "metlog/decorators.h"
#include "tests/calls/decorator_world.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// What a kind of decorators was asked.
struct Asked {
  std::atomic<int> predicate{0};
  std::atomic<int> plain{0};
};

/// Sends an event before each call, with a payload of its own.
class Audited : public MetlogDecorator<Audited> {
 public:
  static constexpr std::string_view kKind = "audited";
  Audited(std::string payload, std::shared_ptr<Asked> asked, std::optional<bool> answer = true)
      : payload_(std::move(payload)), asked_(std::move(asked)), answer_(answer) {}

  std::optional<bool> predicate(Decorator& decorator) const {
    ++asked_->predicate;
    if (!answer_.has_value()) return std::nullopt;
    return *MetlogDecorator::predicate(decorator) && *answer_;
  }
  template <class F, class... A>
  decltype(auto) metlog_call(Decorator& decorator, F& function, A&&... args) const {
    if (Client* const client = decorator.client()) {
      client->metlog(decorator.name().full(), decorator.call_options(), payload_);
    }
    return invoke_callable(function, std::forward<A>(args)...);
  }
  template <class F, class... A>
  decltype(auto) plain_call(Decorator& decorator, F& function, A&&... args) const {
    ++asked_->plain;
    return MetlogDecorator::plain_call(decorator, function, std::forward<A>(args)...);
  }

 private:
  std::string payload_;
  std::shared_ptr<Asked> asked_;
  std::optional<bool> answer_;
};

class OwnDecorator : public testing::Test {
 protected:
  OwnDecorator() { world_.client = &test_.client(); }

  std::vector<std::string> payloads() {
    std::vector<std::string> all;
    for (const std::string& message : test_.settle()) all.push_back(payload_of(message));
    test_.expect(all.size() - test_.calls());
    return all;
  }

  TestEngine test_;
  DecoratorWorld world_;
  std::shared_ptr<Asked> asked_ = std::make_shared<Asked>();
};

TEST_F(OwnDecorator, MeasuresInItsOwnWay) {
  const auto audited = decorate(Audited("who", asked_), add, "shop.add", {.severity = 3});
  EXPECT_EQ(audited(1, 2), 3);
  EXPECT_EQ(audited(3, 4), 7);
  EXPECT_EQ(METLOG_DECORATE(Audited("macro", asked_), add)(5, 6), 11);
  EXPECT_EQ(audited.name().full(), "shop.add");
  EXPECT_EQ(asked_->predicate, 2) << "once for each wrapper, at its first call";
  EXPECT_EQ(asked_->plain, 0);
  EXPECT_THAT(payloads(), ElementsAre("who", "who", "macro"));
}

TEST_F(OwnDecorator, PassesExceptionsAndReferences) {
  EXPECT_THROW(decorate(Audited("x", asked_), boom)(), std::runtime_error);
  int number = 1;
  const auto same = decorate(Audited("y", asked_), [](int& given) -> int& { return given; });
  same(number) = 5;
  EXPECT_EQ(number, 5);
  EXPECT_THAT(payloads(), ElementsAre("x", "y"));
}

TEST_F(OwnDecorator, IsSwitchedOffByItsKindForGood) {
  world_.disabled_decorators = {"audited"};
  const auto audited = decorate(Audited("who", asked_), add);
  EXPECT_EQ(audited(1, 2), 3);
  world_.disabled_decorators.clear();
  EXPECT_EQ(audited(1, 2), 3);
  EXPECT_EQ(asked_->plain, 2);
  EXPECT_EQ(METLOG_TIMEIT(add)(1, 2), 3) << "another kind is not";
  EXPECT_EQ(payloads().size(), 1U);
}

TEST_F(OwnDecorator, IsAskedAgainWhileItsPredicateDoesNotDecide) {
  const auto undecided = decorate(Audited("who", asked_, std::nullopt), add);
  EXPECT_EQ(undecided(1, 2), 3);
  EXPECT_EQ(undecided(1, 2), 3);
  EXPECT_EQ(asked_->predicate, 2);
  EXPECT_EQ(asked_->plain, 2);
  EXPECT_THAT(payloads(), IsEmpty());
}

TEST_F(OwnDecorator, StacksWithTheOthersUnderTheInnerName) {
  const auto stacked = incr_count(METLOG_DECORATE(Audited("first", asked_), add));
  EXPECT_EQ(stacked(1, 2), 3);
  const std::vector<std::string> messages = test_.settle();
  test_.expect(2);
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_NE(messages[0].find(R"("type":"own_decorator_test.add")"), std::string::npos);
  EXPECT_EQ(field_of(messages[1], "name"), R"("own_decorator_test.add")");
}

TEST_F(OwnDecorator, DecidesOnceForAllThreads) {
  const auto audited = decorate(Audited("who", asked_, false), add);
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int call = 0; call < 100; ++call) audited(1, 2);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(asked_->plain, 400);
  EXPECT_LE(asked_->predicate, 4);
  EXPECT_THAT(payloads(), IsEmpty());
}

}  // namespace
}  // namespace metlog
