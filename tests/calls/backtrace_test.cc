// Back-traces: calls that a scope stores, and sends only if it ends by an exception.

#include "metlog/backtrace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "metlog/context.h"
#include "tests/support/fake_clock.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string debug(std::string_view text) {
  std::string payload(1, '"');
  return envelope("oldstyle", 7, payload.append(text).append(1, '"'));
}

TEST(Backtrace, IsForgottenWhenTheScopeEndsWell) {
  TestEngine test;
  {
    const Backtrace trail(test.client());
    METLOG_DEBUG(trail, "row {}", 1);
    METLOG_INFO(test.log(), "done");
  }
  EXPECT_THAT(test.settle(), ElementsAre(envelope("oldstyle", 6, R"("done")")));
}

TEST(Backtrace, IsSentWhenAnExceptionLeavesTheScope) {
  TestEngine test;
  test.expect(2);
  try {
    const Backtrace trail(test.client(), 2);
    for (int row = 0; row < 5; ++row) METLOG_DEBUG(trail, "row {}", row);
    throw std::runtime_error("bad row");
  } catch (const std::exception&) {
    METLOG_ERROR(test.log(), "gave up");
  }
  EXPECT_THAT(test.settle(),
              ElementsAre(debug("row 3"), debug("row 4"), envelope("oldstyle", 3, R"("gave up")")));
}

TEST(Backtrace, OfNoCallsStoresAndEvaluatesNone) {
  TestEngine test;
  Backtrace trail(test.client(), 0);
  int evaluated = 0;
  METLOG_DEBUG(trail, "row {}", ++evaluated);
  METLOG_EVENT(trail, "row", kv("n", ++evaluated));
  EXPECT_EQ(trail.size(), 0U);
  EXPECT_EQ(evaluated, 0);
  trail.flush();
  trail.clear();
  EXPECT_THAT(test.settle(), IsEmpty());
}

TEST(Backtrace, OfOneCallStoresTheLast) {
  TestEngine test;
  test.expect(1);
  Backtrace trail(test.client(), 1, 0);
  METLOG_DEBUG(trail, "first");
  METLOG_DEBUG(trail, "second");
  EXPECT_EQ(trail.size(), 1U);
  trail.flush();
  EXPECT_THAT(test.settle(), ElementsAre(debug("second")));
}

TEST(Backtrace, IsNotSentForAnExceptionThatWasUnderWayBefore) {
  struct Cleaner {
    Client& client;
    ~Cleaner() {
      const Backtrace trail(client);
      METLOG_DEBUG(trail, "cleaning up");
    }
  };
  TestEngine test;
  EXPECT_THROW(
      {
        const Cleaner cleaner{test.client()};
        throw std::runtime_error("elsewhere");
      },
      std::runtime_error);
  EXPECT_THAT(test.settle(), IsEmpty());
}

TEST(Backtrace, IsSentByHandAndGoesOn) {
  TestEngine test;
  test.expect(3);
  Backtrace trail(test.client(), 4);
  METLOG_DEBUG(trail, "forgotten");
  trail.clear();
  METLOG_DEBUG(trail, "one");
  METLOG_EVENT(trail, "two", kv("n", 2));
  EXPECT_EQ(trail.size(), 2U);
  trail.flush();
  EXPECT_EQ(trail.size(), 0U);
  METLOG_DEBUG(trail, "three");
  trail.flush();
  METLOG_DEBUG(trail, "four");
  EXPECT_THAT(test.settle(),
              ElementsAre(debug("one"), envelope("two", 6, R"("")", R"("n":2)"), debug("three")));
}

TEST(Backtrace, KeepsWhatTheClientWouldBlock) {
  TestEngine test;
  test.client().set_min_severity(Severity::kError);
  Backtrace trail(test.client());
  METLOG_DEBUG(test.client(), "blocked");
  METLOG_DEBUG(trail, "kept");
  test.expect(1);
  trail.flush();
  EXPECT_THAT(test.settle(), ElementsAre(debug("kept")));
}

TEST(Backtrace, KeepsArgumentsOfEveryKind) {
  TestEngine test;
  test.expect(2);
  Backtrace trail(test.client());
  {
    std::string gone(100, 'x');
    METLOG_DEBUG(trail, "{} {} {}", gone, 1.5, std::vector<std::string>{"a", "b"}, kv("n", gone));
    METLOG_DEBUG(trail, "bare");
    gone.assign(100, 'y');
  }
  trail.flush();
  const std::string text(100, 'x');
  std::string payload = "\"";
  payload.append(text).append(R"( 1.5 [\"a\",\"b\"]")");
  std::string field = R"("n":")";
  field.append(text).append(1, '"');
  EXPECT_THAT(test.settle(), ElementsAre(envelope("oldstyle", 7, payload, field), debug("bare")));
}

TEST(Backtrace, TellsOfARecordThatIsTooLong) {
  TestEngine test;
  test.expect(4);
  Backtrace trail(test.client(), 8, 64);
  METLOG_DEBUG(trail, "before");
  METLOG_DEBUG(trail, "{}", std::string(65, 'x'));
  METLOG_DEBUG(trail, "{}", std::vector<int>(10'000));
  METLOG_DEBUG(trail, "after");
  trail.flush();
  const std::vector<std::string> messages = test.settle();
  ASSERT_EQ(messages.size(), 4U);
  EXPECT_EQ(messages[0], debug("before"));
  EXPECT_EQ(loss_reason(messages[1]), "too_big");
  EXPECT_EQ(loss_reason(messages[2]), "too_big");
  EXPECT_EQ(messages[3], debug("after"));
}

TEST(Backtrace, SendsNothingOnceTheClientIsClosed) {
  TestEngine test;
  Client client = *test.engine().open("null:");
  Backtrace trail(client);
  METLOG_DEBUG(trail, "late");
  client.close(std::chrono::seconds(1));
  trail.flush();
  EXPECT_EQ(client.stats().emitted, 0U);
  EXPECT_EQ(trail.size(), 0U);
}

TEST(Backtrace, KeepsTheTimeOfEachCall) {
  // A tick is a ms from here on, so that some ticks are no skew of processors.
  const std::uint64_t now = steady_ticks();
  TestEngine test({.clock = std::make_unique<FakeClock>(now, kGoldenNs, 1'000'000)});
  test.expect(2);
  Backtrace trail(test.client());
  METLOG_DEBUG(trail, "first");
  METLOG_INFO(test.log(), "second");
  METLOG_DEBUG(trail, "third");
  METLOG_INFO(test.log(), "fourth");
  trail.flush();
  METLOG_INFO(test.log(), "fifth");
  std::vector<std::string> times;
  std::vector<std::string> texts;
  for (const std::string& message : test.settle()) {
    texts.push_back(payload_of(message));
    const std::size_t at = message.find(R"("timestamp":")");
    times.push_back(message.substr(at, 41));
  }
  ASSERT_THAT(texts, ElementsAre("second", "fourth", "first", "third", "fifth"));
  EXPECT_LT(times[2], times[0]);
  EXPECT_LT(times[0], times[3]);
  EXPECT_LT(times[3], times[1]);
  EXPECT_LT(times[1], times[4]);
}

TEST(Backtrace, KeepsTheContextOfEachCall) {
  TestEngine test;
  test.expect(5);
  const ScopedContext outer({{"job", 1}});
  Backtrace trail(test.client(), 8, 64);
  METLOG_DEBUG(trail, "outer");
  {
    const ScopedContext inner({{"row", 2}});
    METLOG_DEBUG(trail, "inner");
    METLOG_EVENT(trail, "t", kv("row", "own"));
    METLOG_DEBUG(trail, "{}", std::string(65, 'x'));
  }
  METLOG_DEBUG(trail, "behind");
  const ScopedContext at_last({{"sent", 3}});
  trail.flush();
  METLOG_INFO(test.log(), "and on");
  const std::vector<std::string> messages = test.settle();
  ASSERT_EQ(messages.size(), 6U);
  const auto fields = [&](std::size_t i) {
    return messages[i].substr(messages[i].find("\"fields\":"));
  };
  EXPECT_EQ(fields(0), R"("fields":{"job":1}})");
  EXPECT_EQ(fields(1), R"("fields":{"job":1,"row":2}})");
  EXPECT_EQ(fields(2), R"("fields":{"row":"own","job":1}})");
  EXPECT_EQ(loss_reason(messages[3]), "too_big");
  EXPECT_EQ(fields(4), R"("fields":{"job":1}})");
  EXPECT_EQ(fields(5), R"("fields":{"job":1,"sent":3}})");
}

TEST(Backtrace, MayBeLimited) {
  TestEngine test;
  test.expect(2);
  Backtrace trail(test.client());
  for (int i = 0; i < 4; ++i) METLOG_EVERY_N(2, METLOG_DEBUG, trail, "row {}", i);
  trail.flush();
  EXPECT_THAT(test.settle(),
              ElementsAre(envelope("oldstyle", 7, R"("row 0")", R"("suppressed":0)"),
                          envelope("oldstyle", 7, R"("row 2")", R"("suppressed":1)")));
}

}  // namespace
}  // namespace metlog
