// Calls that a `rate` has sampled out are counted: Ledger::sampled_out.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "metlog/metlog.h"
#include "tests/client/destinations_fixture.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using Outputs = std::vector<ClientOutput>;

/// Calls `call` so often on each of some threads at once; returns emitted + sampled_out.
template <class Call>
std::uint64_t accounted(TestEngine& test, int threads, int calls, Call call) {
  std::vector<std::thread> running;
  for (int thread = 0; thread < threads; ++thread) {
    running.emplace_back([&] {
      for (int i = 0; i < calls; ++i) call(test.client());
    });
  }
  for (std::thread& thread : running) thread.join();
  test.expect(test.settle().size());  // their rings become other threads'
  const Ledger ledger = test.client().stats();
  EXPECT_EQ(ledger.unexplained(), 0);
  return ledger.emitted + ledger.sampled_out;
}

// No distance of a tenth is longer, but once in 10^18 draws.
constexpr std::uint64_t kLongestOfATenth = 400;

TEST(SampledOut, IsAllThatIsNotEmittedButForTheLastDrawOfEachThread) {
  constexpr std::uint64_t kUncounted = 4 * kLongestOfATenth;
  TestEngine macro;
  EXPECT_THAT(accounted(macro, 4, 10'000, [](Client& c) { METLOG_INCR(c, "n", 1, rate(0.1)); }),
              testing::AllOf(testing::Le(40'000U), testing::Ge(40'000U - kUncounted)));
  TestEngine timer;
  EXPECT_THAT(accounted(timer, 4, 10'000, [](Client& c) { METLOG_TIMER(c, "t", rate(0.1)); }),
              testing::AllOf(testing::Le(40'000U), testing::Ge(40'000U - kUncounted)));
}

TEST(SampledOut, IsExactOfTheFunctionApi) {
  TestEngine test;
  const auto call = [](Client& c) {
    c.incr("n", 1, {.rate = 0.1});
    (void)c.timer("t", {.rate = 0.1});
  };
  EXPECT_EQ(accounted(test, 4, 5'000, call), 40'000U);
}

TEST(SampledOut, IsNothingWhereARateSendsAllOrIsOff) {
  TestEngine test;
  const auto call = [](Client& c) {
    METLOG_INCR(c, "n", 1, rate(1));
    METLOG_INCR(c, "n", 1, rate(0));
    METLOG_TIMER(c, "t", rate(1));
    METLOG_TIMER(c, "t", rate(0));
    c.incr("n", 1, {.rate = 1});
    c.incr("n", 1, {.rate = 0});
  };
  EXPECT_EQ(accounted(test, 1, 500, call), 1'500U);
  EXPECT_EQ(test.client().stats().sampled_out, 0U);
}

TEST(SampledOut, IsOfOneClientAfterTheOther) {
  for (int client = 0; client < 2; ++client) {
    TestEngine test;
    EXPECT_EQ(accounted(test, 1, 1'000, [](Client& c) { c.incr("n", 1, {.rate = 0.5}); }), 1'000U);
    test.client().close(std::chrono::seconds(60));
    const Ledger last = test.client().stats();
    EXPECT_EQ(last.emitted + last.sampled_out, 1'000U);
  }
}

TEST_F(SeveralDestinations, CountBytesAndSampledOutCallsOfAllThatThereWere) {
  Engine engine(parts());
  Client log = engine.open(Outputs{capture(), capture()}).value();
  for (int i = 0; i < 100; ++i) log.incr("n", 1, {.rate = 0.5});
  const std::uint64_t before = log.stats().emitted / 2;
  ASSERT_TRUE(reconfigure(log, {capture()}).ok());
  for (int i = 0; i < 10; ++i) log.incr("n", 1, {.rate = 0.5});
  log.close(10s);
  std::uint64_t bytes = 0;
  for (const auto& capture : captures_) {
    for (const std::string& message : capture->messages()) bytes += message.size() + 1;
  }
  EXPECT_EQ(log.stats().bytes, bytes);
  EXPECT_LT(log.outputs()[0].ledger.bytes, bytes);
  const Ledger current = log.outputs()[0].ledger;
  EXPECT_EQ(current.emitted + current.sampled_out, 110U);
  EXPECT_EQ(log.stats().emitted, current.emitted + before);
  EXPECT_EQ(log.stats().sampled_out, current.sampled_out + 100 - before);
  EXPECT_EQ(log.stats().unexplained(), 0);
}

}  // namespace
}  // namespace metlog
