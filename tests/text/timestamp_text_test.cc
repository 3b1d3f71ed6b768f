#include "metlog/internal/text/timestamp_text.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <limits>
#include <memory>
#include <random>
#include <string>

namespace metlog {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;

std::string rendered(TimestampText& text, std::int64_t utc_ns) {
  const auto out = std::make_unique<char[]>(TimestampText::kBytes);
  char* const end = text.append(out.get(), utc_ns);
  return {out.get(), end};
}

std::string rendered(std::int64_t utc_ns) {
  TimestampText text;
  return rendered(text, utc_ns);
}

/// What the C library says of the same time.
std::string by_gmtime(std::int64_t utc_ns) {
  std::int64_t second = utc_ns / kSecondNs;
  std::int64_t ns = utc_ns % kSecondNs;
  if (ns < 0) {
    ns += kSecondNs;
    --second;
  }
  const auto time = static_cast<std::time_t>(second);
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 64> whole{};
  std::snprintf(whole.data(), whole.size(), "%s.%06dZ", date.data(), static_cast<int>(ns / 1000));
  return whole.data();
}

TEST(TimestampText, RendersTheTimesTheReferenceRendered) {
  simdjson::dom::parser parser;
  const simdjson::dom::element golden = parser.load(METLOG_GOLDEN_DIR "/timestamps.json");
  std::size_t count = 0;
  for (const simdjson::dom::element entry : golden["cases"]) {
    std::tm parts{};
    const std::string utc{std::string_view(entry["utc"])};
    ASSERT_NE(strptime(utc.c_str(), "%Y-%m-%d %H:%M:%S", &parts), nullptr) << utc;
    const std::int64_t utc_ns =
        timegm(&parts) * kSecondNs + std::int64_t(entry["microsecond"]) * 1000;
    EXPECT_EQ(rendered(utc_ns), std::string_view(entry["timestamp"]));
    ++count;
  }
  EXPECT_EQ(count, 4U);
}

TEST(TimestampText, BeginsWithTheEpoch) {
  EXPECT_EQ(rendered(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(rendered(999), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(rendered(1000), "1970-01-01T00:00:00.000001Z");
}

TEST(TimestampText, CutsOffNanosecondsTowardsThePastBeforeTheEpochToo) {
  EXPECT_EQ(rendered(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(rendered(-kSecondNs), "1969-12-31T23:59:59.000000Z");
  EXPECT_EQ(rendered(-kSecondNs - 1), "1969-12-31T23:59:58.999999Z");
}

TEST(TimestampText, KnowsTheWholeRange) {
  EXPECT_EQ(rendered(std::numeric_limits<std::int64_t>::min()), "1677-09-21T00:12:43.145224Z");
  EXPECT_EQ(rendered(std::numeric_limits<std::int64_t>::max()), "2262-04-11T23:47:16.854775Z");
}

TEST(TimestampText, KnowsLeapDays) {
  EXPECT_EQ(rendered(951'782'400 * kSecondNs), "2000-02-29T00:00:00.000000Z");
  EXPECT_EQ(rendered(4'107'542'400 * kSecondNs), "2100-03-01T00:00:00.000000Z");
  EXPECT_EQ(rendered(4'107'542'400 * kSecondNs - 1), "2100-02-28T23:59:59.999999Z");
}

TEST(TimestampText, KeepsNothingOfASecondThatIsOver) {
  TimestampText text;
  for (const std::int64_t utc_ns :
       {5 * kSecondNs + 1, 5 * kSecondNs + 999'999'999, 6 * kSecondNs, 6 * kSecondNs - 1,
        -6 * kSecondNs, std::numeric_limits<std::int64_t>::min(), 6 * kSecondNs,
        std::numeric_limits<std::int64_t>::max(), std::int64_t{0}}) {
    EXPECT_EQ(rendered(text, utc_ns), by_gmtime(utc_ns));
  }
}

TEST(TimestampText, AgreesWithTheCLibraryOnAnyTime) {
  std::mt19937_64 random(20130118);
  TimestampText text;
  for (int i = 0; i < 200'000; ++i) {
    const auto utc_ns = static_cast<std::int64_t>(random());
    ASSERT_EQ(rendered(text, utc_ns), by_gmtime(utc_ns)) << utc_ns;
  }
}

TEST(TimestampText, AgreesWithTheCLibraryOnTimesThatGoOn) {
  std::mt19937_64 random(4);
  TimestampText text;
  std::int64_t utc_ns = 951'782'390 * kSecondNs;
  for (int i = 0; i < 100'000; ++i) {
    utc_ns += static_cast<std::int64_t>(random() % 50'000'000);
    ASSERT_EQ(rendered(text, utc_ns), by_gmtime(utc_ns)) << utc_ns;
  }
}

std::string date_time(Int128 seconds, std::int64_t ns, TimeZone zone = TimeZone::kUtc) {
  const auto out = std::make_unique<char[]>(kMaxDateTimeBytes);
  const char* const end = append_date_time(out.get(), seconds, ns, zone);
  return {out.get(), static_cast<std::size_t>(end - out.get())};
}

TEST(DateTime, IsThatOfATimestampWhereBothAreDefined) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 10'000; ++i) {
    const auto utc_ns = static_cast<std::int64_t>(random());
    const std::int64_t second = utc_ns / kSecondNs - (utc_ns % kSecondNs < 0 ? 1 : 0);
    ASSERT_EQ(date_time(second, utc_ns - second * kSecondNs), rendered(utc_ns)) << utc_ns;
  }
}

TEST(DateTime, IsThatOfTheCLibraryInEveryYearThatItKnows) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 10'000; ++i) {
    const std::int64_t second = static_cast<std::int64_t>(random()) >> (8 + random() % 20);
    const auto time = static_cast<std::time_t>(second);
    std::tm parts{};
    if (gmtime_r(&time, &parts) == nullptr) continue;
    const std::int64_t year = std::int64_t{parts.tm_year} + 1900;
    std::array<char, 96> expected{};
    std::snprintf(expected.data(), expected.size(), "%s%04lld-%02d-%02dT%02d:%02d:%02d.000000Z",
                  year > 9999 ? "+" : (year < 0 ? "-" : ""), static_cast<long long>(std::abs(year)),
                  parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
    ASSERT_EQ(date_time(second, 0), expected.data()) << second;
  }
}

TEST(DateTime, HasNoLetterInALocalTime) {
  EXPECT_EQ(date_time(0, 999, TimeZone::kLocal), "1970-01-01T00:00:00.000000");
  EXPECT_EQ(date_time(-1, 999'999'999, TimeZone::kLocal), "1969-12-31T23:59:59.999999");
}

TEST(DateTime, HasRoomForEveryDayOfInt64) {
  constexpr Int128 kDaySeconds = 86'400;
  EXPECT_EQ(date_time(kDaySeconds * INT64_MAX + 86'399, 0),
            "+25252734927768524-07-27T23:59:59.000000Z");
  EXPECT_EQ(date_time(kDaySeconds * INT64_MIN, 0), "-25252734927764585-06-07T00:00:00.000000Z");
}

}  // namespace
}  // namespace metlog
