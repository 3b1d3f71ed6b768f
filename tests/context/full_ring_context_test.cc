// A message never carries a stale context, whatever the ring went through. Each message here says
// in its text which context it was made in.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "metlog/context.h"
#include "tests/context/context_fields.h"
#include "tests/support/messages.h"
#include "tests/support/stepper.h"

namespace metlog {
namespace {

constexpr std::size_t kSmallRing = 4096;  // 64 cells: 56 - 1 of them for normal priority

TestEngineOptions small_ring(WhenFull when_full, std::uint64_t grow_limit_bytes = 0) {
  return {
      .client = {.logger = "tests", .when_full = when_full, .grow_limit_bytes = grow_limit_bytes},
      .engine = {.ring_bytes = kSmallRing, .session_directory = "none"}};
}

/// Every message's text is that of its field `n`, or "none"; marks carry no context. The texts.
std::vector<std::string> checked_texts(const std::vector<std::string>& messages) {
  std::vector<std::string> texts;
  for (const std::string& message : messages) {
    const std::string n = field_of(message, "n");
    if (is_loss(message)) {
      EXPECT_EQ(n, "(absent)") << message;
      texts.push_back("lost " + std::to_string(loss_count(message)));
      continue;
    }
    texts.push_back(payload_of(message));
    EXPECT_EQ(texts.back(), n == "(absent)" ? "none" : n) << message;
  }
  return texts;
}

std::vector<std::string> texts_of(TestEngine& test) { return checked_texts(test.settle()); }

void say(Client& log, int context) { METLOG_INFO(log, "{}", context); }
void say_none(Client& log) { METLOG_INFO(log, "none"); }

using Texts = std::vector<std::string>;

TEST(ContextInAFullRing, WaitsForTheNextMessageThatGetsIn) {
  TestEngine test(small_ring(WhenFull::kDrop));
  for (int i = 0; i < 55; ++i) say_none(test.log());
  const ScopedContext one({{"n", 1}});
  for (int i = 0; i < 3; ++i) say(test.log(), 1);
  const ScopedContext two({{"n", 2}});
  for (int i = 0; i < 4; ++i) say(test.log(), 2);
  test.settle();
  say(test.log(), 2);
  const Texts texts = texts_of(test);
  EXPECT_EQ(Texts(texts.begin() + 55, texts.end()), (Texts{"lost 7", "2"}));
}

TEST(ContextInAFullRing, LeftWhileTheRingWasFullIsCarriedByNoMessage) {
  TestEngine test(small_ring(WhenFull::kDrop));
  std::optional<ScopedContext> scope;
  scope.emplace(FieldList{{"n", 1}});
  for (int i = 0; i < 60; ++i) say(test.log(), 1);
  scope.reset();
  say_none(test.log());
  test.settle();
  say_none(test.log());
  const Texts texts = texts_of(test);
  EXPECT_EQ(Texts(texts.end() - 2, texts.end()), (Texts{"lost 7", "none"}));
}

// A context of c cells must leave room for its call: else it waits, and the call is lost.
TEST(ContextInAFullRing, IsExactAtEveryFillAndLength) {
  for (const std::size_t length : {1U, 40U, 100U, 500U, 2000U}) {
    const std::string text(length, 'x');
    for (int fill = 0; fill <= 60; ++fill) {
      TestEngine test(small_ring(WhenFull::kDrop));
      for (int i = 0; i < fill; ++i) say_none(test.log());
      for (int n = 0; n < 3; ++n) {
        const ScopedContext scope({{"n", n}, {"text", text}});
        for (int i = 0; i < 3; ++i) say(test.log(), n);
      }
      say_none(test.log());
      test.settle();
      const ScopedContext last({{"n", 9}, {"text", text}});
      say(test.log(), 9);
      ASSERT_EQ(texts_of(test).back(), "9") << fill;
      test.finish();
      if (HasFailure()) return;
    }
  }
}

TEST(ContextInAFullRing, OfDroppedCallsTakesNoRoom) {
  TestEngine test(small_ring(WhenFull::kDrop));
  for (int i = 0; i < 54; ++i) say_none(test.log());
  for (int n = 0; n < 10; ++n) {
    const ScopedContext scope({{"n", n}});
    say(test.log(), n);  // needs two cells, and there is one
  }
  say_none(test.log());
  const Texts texts = texts_of(test);
  EXPECT_EQ(texts.size(), 54U + 1) << "the mark of the ten took the last cell";
}

TEST(ContextInAFullRing, OfAnUrgentCallUsesTheRoomThatIsKept) {
  TestEngine test(small_ring(WhenFull::kDrop));
  for (int i = 0; i < 60; ++i) say_none(test.log());
  const ScopedContext scope({{"n", 1}});
  METLOG_WARN(test.log(), "1");
  const ScopedContext inner({{"n", 2}});
  METLOG_ERROR(test.log(), "2");
  say(test.log(), 2);
  const Texts texts = texts_of(test);
  EXPECT_EQ(Texts(texts.begin() + 55, texts.end()), (Texts{"lost 5", "1", "2"}));
}

TEST(ContextInAFullRing, GoesOnInALargerOne) {
  TestEngine test(small_ring(WhenFull::kGrow, std::uint64_t{1} << 20));
  const ScopedContext scope({{"n", 1}});
  for (int i = 0; i < 700; ++i) say(test.log(), 1);
  const Texts texts = texts_of(test);
  EXPECT_EQ(texts, Texts(700, "1"));
}

TEST(ContextInAFullRing, ChangesAtEveryPlaceOfAGrowingOne) {
  TestEngine test(small_ring(WhenFull::kGrow, std::uint64_t{8} << 20));
  for (int i = 0; i < 5000; ++i) {
    std::optional<ScopedContext> scope;
    if (i % 7 != 0) scope.emplace(FieldList{{"n", i}});
    for (int call = 0; call <= i % 3; ++call) {
      i % 7 != 0 ? say(test.log(), i) : say_none(test.log());
    }
  }
  texts_of(test);
  EXPECT_EQ(test.client().stats().lost.total(), 0U);
}

TEST(ContextInAFullRing, GrowsByAChangedContextAfterLosses) {
  TestEngine test(small_ring(WhenFull::kDrop));
  const auto capture = std::make_shared<Capture>();
  Client grower = test.engine()
                      .open(std::make_unique<CaptureSender>(capture),
                            {.when_full = WhenFull::kGrow, .grow_limit_bytes = 1 << 20})
                      .value();
  const ScopedContext one({{"n", 1}});
  for (int i = 0; i < 60; ++i) say(test.log(), 1);
  const ScopedContext two({{"n", 2}});
  say(grower, 2);
  say(test.log(), 2);
  const Texts texts = texts_of(test);
  EXPECT_EQ(Texts(texts.end() - 2, texts.end()), (Texts{"lost 6", "2"}));
  EXPECT_EQ(checked_texts(capture->messages()), (Texts{"2"}));
  EXPECT_EQ(grower.close(std::chrono::seconds(1)).lost, 0U);
}

TEST(ContextInAFullRing, WaitsWithTheCallsOfAClientThatWaits) {
  TestEngine test(small_ring(WhenFull::kBlock));
  const std::string text(1900, 'x');
  const std::string longest(2900, 'y');  // with the context more than the ring holds
  {
    const Stepper stepper(test.engine());
    for (int i = 0; i < 2000; ++i) {
      const ScopedContext scope({{"n", i}, {"text", text}});
      METLOG_INFO(test.log(), "{}", i, kv("text", longest));
      say(test.log(), i);
    }
  }
  texts_of(test);
  EXPECT_EQ(test.client().stats().lost.total(), 0U);
}

TEST(ContextInAFullRing, IsNotThatOfTheThreadThatHadTheRingBefore) {
  TestEngineOptions options = small_ring(WhenFull::kDrop);
  options.engine.max_ring_bytes = kSmallRing + 4096;  // one ring for all
  options.engine.spare_rings = 1;
  TestEngine test(std::move(options));
  std::thread([&] {
    const ScopedContext scope({{"n", 1}});
    say(test.log(), 1);
    // And its thread ends with the context still in force: its last scope is destroyed after its
    // ring.
    thread_local ScopedContext whole_life({{"n", 2}});
    say(test.log(), 2);
  }).join();
  test.settle();
  std::thread([&] { say_none(test.log()); }).join();
  EXPECT_EQ(texts_of(test), (Texts{"1", "2", "none"}));
}

TEST(ContextInAFullRing, IsToldAnewToTheNextEngine) {
  const ScopedContext scope({{"n", 1}});
  for (int round = 0; round < 3; ++round) {
    TestEngine test;
    say(test.log(), 1);
    EXPECT_EQ(texts_of(test), (Texts{"1"}));
  }
}

TEST(ContextInAFullRing, IsRightAlthoughAMessageWasTooBig) {
  TestEngine test(small_ring(WhenFull::kDrop));
  const ScopedContext scope({{"n", 1}});
  METLOG_INFO(test.log(), "{}", std::string(10'000, 'x'));
  say(test.log(), 1);
  EXPECT_EQ(texts_of(test), (Texts{"lost 1", "1"}));
}

TEST(ContextInAFullRing, OfRecordsStampedByTheFlusherIsTheSame) {
  TestEngineOptions options;
  options.client.stamped_by = StampedBy::kFlusher;
  TestEngine test(std::move(options));
  for (int i = 0; i < 100; ++i) {
    const ScopedContext scope({{"n", i}});
    say(test.log(), i);
  }
  EXPECT_EQ(texts_of(test).size(), 100U);
}

}  // namespace
}  // namespace metlog
