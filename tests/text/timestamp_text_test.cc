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

}  // namespace
}  // namespace metlog
