// metlog.stats: the account of a client in its own stream.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "senders/sender/capture_sender.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> stats_among(const std::vector<std::string>& messages) {
  std::vector<std::string> found;
  std::copy_if(messages.begin(), messages.end(), std::back_inserter(found), is_stats);
  return found;
}

std::int64_t number_of(const std::string& message, std::string_view key) {
  const std::string text = field_of(message, key);
  return text == "(absent)" ? 0 : std::stoll(text);
}

/// What the message says is missing.
std::int64_t missing_in(const std::string& message) {
  return number_of(message, "emitted") - number_of(message, "sent") -
         number_of(message, "filtered") - number_of(message, "lost") -
         number_of(message, "pending");
}

TestEngineOptions with_stats(std::chrono::nanoseconds interval) {
  TestEngineOptions options;
  options.client.stats_interval = interval;
  return options;
}

/// Steps until the stream has another metlog.stats, and returns it.
std::string next_stats(TestEngine& test) {
  const std::size_t before = stats_among(test.capture().messages()).size();
  while (true) {
    test.engine().step();
    const std::vector<std::string> all = stats_among(test.capture().messages());
    if (all.size() > before) return all.back();
  }
}

TEST(StatsReporter, IsSilentUnlessItIsAsked) {
  TestEngine test;
  METLOG_INFO(test.log(), "a");
  test.client().close(60s);
  EXPECT_THAT(stats_among(test.capture().messages()), IsEmpty());
}

TEST(StatsReporter, BalancesTheAccountInTheStream) {
  TestEngine test(with_stats(1ms));
  for (int i = 0; i < 5; ++i) METLOG_INFO(test.log(), "{}", i);
  const std::string first = next_stats(test);
  expect_is_envelope(first);
  EXPECT_EQ(number_of(first, "emitted"), 5);
  EXPECT_EQ(missing_in(first), number_of(first, "in_rings"));
  EXPECT_EQ(field_of(first, "final"), "(absent)");
  const std::string second = next_stats(test);
  EXPECT_EQ(number_of(second, "sent"), 5);
  EXPECT_EQ(number_of(second, "in_rings"), 0);
  EXPECT_GT(number_of(second, "marks"), 0) << "the first one";
  EXPECT_EQ(field_of(second, "session"), field_of(first, "session"));
  EXPECT_THAT(payload_of(second), HasSubstr("emitted 5, sent 5, lost 0"));
}

TEST(StatsReporter, CountsWhatItsOwnRoundHasDrained) {
  TestEngine test(with_stats(1ms));
  std::vector<std::string> found;
  while (found.empty()) {
    METLOG_INFO(test.log(), "x");
    test.engine().step();
    found = stats_among(test.capture().messages());
  }
  EXPECT_EQ(number_of(found[0], "emitted"), static_cast<std::int64_t>(test.calls()));
  EXPECT_EQ(number_of(found[0], "in_rings"), 0);
  EXPECT_EQ(missing_in(found[0]), 0);
}

TEST(StatsReporter, EndsWithTheProofThatNothingIsMissing) {
  TestEngine test(with_stats(1h));
  for (int i = 0; i < 7; ++i) METLOG_INFO(test.log(), "{}", i);
  test.client().close(60s);
  const std::vector<std::string> messages = test.capture().messages();
  ASSERT_EQ(messages.size(), 8U);
  const std::string& last = messages.back();
  EXPECT_EQ(field_of(last, "final"), "true");
  EXPECT_EQ(number_of(last, "emitted"), 7);
  EXPECT_EQ(number_of(last, "sent"), 7);
  EXPECT_EQ(number_of(last, "unexplained"), 0);
  EXPECT_EQ(missing_in(last), 0);
}

TEST(StatsReporter, NamesLossesAndFilteredMessages) {
  TestEngineOptions options = with_stats(1h);
  options.client.filters = {Filter("no_debug", [](Message& m) { return m.severity() != 7; })};
  TestEngine test(std::move(options));
  test.capture().script({Capture::lost(LossReason::kRefused)});
  METLOG_INFO(test.log(), "lost");
  test.settle();
  METLOG_INFO(test.log(), "sent");
  METLOG_DEBUG(test.log(), "filtered");
  test.log().info(std::string(200'000, 'x'));  // too big for any record
  test.client().close(60s);
  const std::string last = test.capture().messages().back();
  ASSERT_TRUE(is_stats(last)) << last;
  EXPECT_EQ(number_of(last, "emitted"), 4);
  EXPECT_EQ(number_of(last, "sent"), 1);
  EXPECT_EQ(number_of(last, "filtered"), 1);
  EXPECT_EQ(number_of(last, "lost"), 2);
  EXPECT_EQ(number_of(last, "lost_refused"), 1);
  EXPECT_EQ(number_of(last, "lost_too_big"), 1);
  EXPECT_EQ(missing_in(last), 0);
}

TEST(StatsReporter, SaysHowFarItsStreamIsAndHowManyBytesThatAre) {
  TestEngine test(with_stats(1h));
  test.capture().script({Capture::lost(LossReason::kRefused)});
  METLOG_INFO(test.log(), "lost");
  test.settle();
  METLOG_INFO(test.log(), "a");
  METLOG_INFO(test.log(), "b");
  test.client().close(60s);
  const std::vector<std::string> messages = test.capture().messages();
  ASSERT_EQ(messages.size(), 4U) << "two calls, the report of the loss and the account";
  const std::string& last = messages.back();
  EXPECT_THAT(field_of(last, "streams"), HasSubstr(":4:4:1")) << "it is no part of it itself";
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < 3; ++i) bytes += static_cast<std::int64_t>(messages[i].size()) + 1;
  EXPECT_EQ(number_of(last, "bytes"), bytes);
  EXPECT_EQ(test.client().stats().bytes, static_cast<std::uint64_t>(bytes) + last.size() + 1);
  EXPECT_EQ(number_of(last, "interval_us"), 3'600'000'000);
  EXPECT_GT(number_of(last, "open_us"), 0);
  EXPECT_EQ(field_of(last, "silent_clients"), "(absent)");
  EXPECT_NE(field_of(last, "program"), "(absent)");
}

TEST(StatsReporter, SaysHowManyCallsWereSampledOut) {
  TestEngine test(with_stats(1h));
  for (int i = 0; i < 100; ++i) test.client().incr("n", 1, {.rate = 0.5});
  const std::uint64_t sent = test.settle().size();
  test.expect(sent);
  test.client().close(60s);
  const std::string last = test.capture().messages().back();
  EXPECT_EQ(number_of(last, "sampled_out"), static_cast<std::int64_t>(100 - sent));
}

TEST(StatsReporter, SaysNothingAfterItsLastMessage) {
  TestEngine test(with_stats(1ms));
  METLOG_INFO(test.log(), "a");
  test.client().close(60s);
  const std::vector<std::string> messages = test.capture().messages();
  EXPECT_EQ(field_of(messages.back(), "final"), "true");
  const std::string streams = ":" + std::to_string(messages.size() - 1) + ":";
  EXPECT_THAT(field_of(messages.back(), "streams"), HasSubstr(streams));
}

TEST(StatsReporter, SaysThatAnotherClientReportsNothing) {
  TestEngine test(with_stats(1h));
  Client silent = test.engine().open("null:").value();
  METLOG_INFO(silent, "a");
  test.settle();
  silent.close(60s);
  test.client().close(60s);
  const std::string last = test.capture().messages().back();
  EXPECT_EQ(field_of(last, "silent_clients"), "true");
}

TEST(StatsReporter, IsNoLossWhenItIsLostItself) {
  TestEngine test(with_stats(1ms));
  METLOG_INFO(test.log(), "a");
  test.settle();
  test.capture().script({Capture::lost(LossReason::kRefused)});
  const std::size_t calls = test.capture().send_calls();
  while (test.capture().send_calls() == calls) test.engine().step();
  const std::string next = next_stats(test);
  EXPECT_EQ(number_of(next, "lost"), 0);
  for (const std::string& message : test.capture().messages()) EXPECT_FALSE(is_loss(message));
}

TEST(StatsReporter, RefusesAnIntervalThatIsTooShort) {
  TestEngine test;
  const auto refused = test.engine().open("null:", {.stats_interval = 10us});
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("stats_interval is 10000 ns; it takes 0 or from 1 ms"));
}

}  // namespace
}  // namespace metlog
