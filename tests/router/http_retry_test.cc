#include "tools/router/http/retry.h"

#include <gtest/gtest.h>

#include <vector>

namespace metlog {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using std::chrono::system_clock;

RetryLimits limits() {
  return {
      .attempts = 0, .time = 300s, .first_delay = 250ms, .max_delay = 30s, .max_retry_after = 300s};
}

Backoff backoff(double random, const RetryLimits& limits = metlog::limits()) {
  return {limits, [random] { return random; }};
}

TEST(Backoff, DoublesTheLongestPauseUpToItsLimit) {
  const Backoff longest = backoff(1);
  const std::vector<nanoseconds> wanted = {250ms, 500ms, 1s, 2s, 4s, 8s, 16s, 30s, 30s};
  for (std::uint32_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(longest.pause({i + 1, 0s}, 0s), wanted[i]) << i;
  }
  EXPECT_EQ(longest.pause({4'000'000'000, 0s}, 0s), 30s);
}

TEST(Backoff, IsRandomBetweenNothingAndTheLongestPause) {
  EXPECT_EQ(backoff(0).pause({3, 0s}, 0s), 0ns);
  EXPECT_EQ(backoff(0.5).pause({3, 0s}, 0s), 500ms);
}

TEST(Backoff, EndsAfterItsAttempts) {
  RetryLimits three = limits();
  three.attempts = 3;
  EXPECT_TRUE(backoff(0.5, three).pause({2, 0s}, 0s));
  EXPECT_FALSE(backoff(0.5, three).pause({3, 0s}, 0s));
  EXPECT_FALSE(backoff(0.5, three).pause({3, 0s}, 10s));
  three.attempts = 1;
  EXPECT_FALSE(backoff(0.5, three).pause({1, 0s}, 0s));
}

TEST(Backoff, MakesItsLastRequestWhenItsTimeIsOver) {
  EXPECT_EQ(backoff(1).pause({9, 280s}, 0s), 20s);
  EXPECT_EQ(backoff(1).pause({9, 300s - 1ns}, 0s), 1ns);
  EXPECT_FALSE(backoff(1).pause({9, 300s}, 0s));
}

TEST(Backoff, WaitsForAsLongAsTheReceiverAsksWithJitterOnTop) {
  EXPECT_EQ(backoff(0).pause({1, 0s}, 7s), 7s);
  EXPECT_EQ(backoff(1).pause({1, 0s}, 7s), 7s + 250ms);
  EXPECT_EQ(backoff(0).pause({1, 0s}, 9h), 300s);
  EXPECT_EQ(backoff(0).pause({1, 299s}, 60s), 60s);  // obeyed, and then tried once more
  EXPECT_FALSE(backoff(0).pause({2, 359s}, 60s));
  EXPECT_EQ(backoff(0).within_limit(-5s), 0s);
}

TEST(RetryAfter, ReadsSeconds) {
  const system_clock::time_point now{};
  EXPECT_EQ(parse_retry_after("120", now), 120s);
  EXPECT_EQ(parse_retry_after(" 0 ", now), 0s);
  EXPECT_EQ(parse_retry_after("1.5", now), 1500ms);
  EXPECT_EQ(parse_retry_after("99999999999999999999", now), 366 * 24h);
}

TEST(RetryAfter, ReadsTheDatesOfHttp) {
  const auto now = system_clock::from_time_t(784'111'767);  // 1994-11-06T08:49:27Z
  for (const char* text : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                           "Sun Nov  6 08:49:37 1994"}) {
    EXPECT_EQ(parse_retry_after(text, now), 10s) << text;
  }
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:00 GMT", now), 0s);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 9994 08:49:00 GMT", now), 366 * 24h);
}

TEST(RetryAfter, IsNothingWhenItMakesNoSense) {
  for (const char* text : {"", " ", "soon", "-1", "1e3", "12 s", "0x10", "..", "1.2.3",
                           "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 66 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 08:49:37 GMT and more"}) {
    EXPECT_FALSE(parse_retry_after(text, system_clock::time_point{})) << text;
  }
}

}  // namespace
}  // namespace metlog
