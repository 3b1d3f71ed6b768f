// Durations and time points of any range, count and clock, in the text and as a field.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "tests/support/written_value.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;

TEST(Argument, IsADurationWithItsUnit) {
  expect_written(5ns, as_word("5ns"));
  expect_written(-5us, as_word("-5us"));
  expect_written(5ms, as_word("5ms"));
  expect_written(5s, as_word("5s"));
  expect_written(5min, as_word("5min"));
  expect_written(5h, as_word("5h"));
  expect_written(std::chrono::days(5), as_word("5d"));
  expect_written(std::chrono::nanoseconds::min(), as_word("-9223372036854775808ns"));
  expect_written(std::chrono::duration<double>(1.5), as_word("1.5s"));
  expect_written(std::chrono::duration<float, std::milli>(1.5F), as_word("1.5ms"));
  using Fortnights = std::chrono::duration<int, std::ratio<14 * 86400>>;
  expect_written(Fortnights(1), as_word("1209600s"));
}

TEST(Argument, IsADurationOfAnyRange) {
  using std::chrono::duration;
  using std::chrono::years;
  expect_written(std::chrono::hours::max(), as_word("9223372036854775807h"));
  expect_written(duration<std::int64_t, years::period>(INT64_MAX),
                 as_word("291061508645168391112260264s"));
  expect_written(duration<std::uint64_t>(UINT64_MAX), as_word("18446744073709551615s"));
  expect_written(duration<Int128, std::nano>(Int128{1} << 100),
                 as_word("1267650600228229401496703205376ns"));
  expect_written(duration<double>(1e308), as_word("1e+308s"));
  expect_written(duration<double>(std::numeric_limits<double>::quiet_NaN()), as_word("nans"));
  expect_written(duration<double>(-std::numeric_limits<double>::infinity()), as_word("-infs"));
  expect_written(duration<std::int64_t, std::pico>(1), as_word("1e-12s"));
  expect_written(duration<int, std::ratio<1, 3>>(3), as_word("1s"));
}

TEST(Argument, IsATimePoint) {
  using std::chrono::system_clock;
  const system_clock::time_point noon(std::chrono::seconds(951'825'600) + 123456us);
  expect_written(noon, as_word("2000-02-29T12:00:00.123456Z"));
  expect_written(std::chrono::floor<std::chrono::seconds>(noon),
                 as_word("2000-02-29T12:00:00.000000Z"));
  expect_written(std::chrono::floor<std::chrono::days>(noon),
                 as_word("2000-02-29T00:00:00.000000Z"));
  using Real = std::chrono::time_point<system_clock, std::chrono::duration<double>>;
  expect_written(Real(std::chrono::duration<double>(0.5)), as_word("1970-01-01T00:00:00.500000Z"));
}

TEST(Argument, IsATimePointBeyondTheRangeOfNanoseconds) {
  using std::chrono::sys_days;
  expect_written(sys_days{9999y / 12 / 31}, as_word("9999-12-31T00:00:00.000000Z"));
  expect_written(sys_days{1600y / 1 / 1}, as_word("1600-01-01T00:00:00.000000Z"));
  expect_written(sys_days{0y / 2 / 29}, as_word("0000-02-29T00:00:00.000000Z"));
  expect_written(sys_days{std::chrono::year(-1) / 12 / 31},
                 as_word("-0001-12-31T00:00:00.000000Z"));
  expect_written(sys_days{10000y / 1 / 1}, as_word("+10000-01-01T00:00:00.000000Z"));
  expect_written(std::chrono::sys_seconds::max(), as_word("+292277026596-12-04T15:30:07.000000Z"));
  expect_written(std::chrono::sys_seconds::min(), as_word("-292277022657-01-27T08:29:52.000000Z"));
  expect_written(sys_days::max(), as_word("+25252734927768524-07-27T00:00:00.000000Z"));
  expect_written(std::chrono::system_clock::time_point::max(),
                 as_word("2262-04-11T23:47:16.854775Z"));
  using Wide = std::chrono::sys_time<std::chrono::duration<Int128, std::nano>>;
  expect_written(
      Wide(std::chrono::duration<Int128, std::nano>(Int128{253'402'300'799} * 1'000'000'000)),
      as_word("9999-12-31T23:59:59.000000Z"));
}

TEST(Argument, IsATimePointOfAnyPeriodAndCount) {
  using std::chrono::duration;
  using std::chrono::sys_time;
  expect_written(sys_time<std::chrono::years>(std::chrono::years(30)),
                 as_word("2000-01-01T06:36:00.000000Z"));
  using Atto = duration<std::int64_t, std::atto>;
  expect_written(sys_time<Atto>(Atto(-1)), as_word("1969-12-31T23:59:59.999999Z"));
  using Real = duration<double>;
  expect_written(sys_time<Real>(Real(-0.25)), as_word("1969-12-31T23:59:59.750000Z"));
  expect_written(sys_time<Real>(Real(1'700'000'000.123456)),
                 as_word("2023-11-14T22:13:20.123456Z"));
  expect_written(sys_time<Real>(Real(253'402'300'799.0)), as_word("9999-12-31T23:59:59.000000Z"));
}

TEST(Argument, IsAWordInPlaceOfATimePointThatHasNoDate) {
  using Real = std::chrono::duration<double>;
  using RealTime = std::chrono::sys_time<Real>;
  expect_written(RealTime(Real(std::numeric_limits<double>::quiet_NaN())), as_word("nan"));
  expect_written(RealTime(Real(std::numeric_limits<double>::infinity())), as_word("inf"));
  expect_written(RealTime(-Real(std::numeric_limits<double>::infinity())), as_word("-inf"));
  const Written after = as_word("after +292277026596-12-04T15:30:07.000000Z");
  expect_written(RealTime(Real(1e300)), after);
  using Unsigned = std::chrono::duration<std::uint64_t>;
  expect_written(std::chrono::sys_time<Unsigned>(Unsigned(UINT64_MAX)), after);
  using Years = std::chrono::duration<std::int64_t, std::chrono::years::period>;
  expect_written(std::chrono::sys_time<Years>(Years(INT64_MAX)), after);
  expect_written(std::chrono::sys_time<Years>(Years(INT64_MIN)),
                 as_word("before -292277022657-01-27T08:29:52.000000Z"));
}

// Clocks as those that count leap seconds, or convert by way of one that does.
struct LeapClock {
  using rep = std::int64_t;
  using period = std::micro;
  using duration = std::chrono::duration<rep, period>;
  using time_point = std::chrono::time_point<LeapClock, duration>;
  static time_point now() { return {}; }
  static std::chrono::sys_time<duration> to_sys(const time_point& at) {
    const bool is_later = at.time_since_epoch() >= 1000s;
    return std::chrono::sys_time<duration>(at.time_since_epoch() - (is_later ? 1s : 0s));
  }
};
struct AtomicClock : LeapClock {
  using time_point = std::chrono::time_point<AtomicClock, duration>;
  static void to_sys() = delete;
  static LeapClock::time_point to_utc(const time_point& at) {
    return LeapClock::time_point(at.time_since_epoch() - 10s);
  }
};

TEST(Argument, IsATimePointOfAnyClock) {
  using std::chrono::file_clock;
  expect_written(std::chrono::local_days{2000y / 2 / 29}, as_word("2000-02-29T00:00:00.000000"));
  expect_written(std::chrono::local_time<std::chrono::nanoseconds>(-1ns),
                 as_word("1969-12-31T23:59:59.999999"));
  using LocalReal = std::chrono::local_time<std::chrono::duration<double>>;
  expect_written(LocalReal(std::chrono::duration<double>(0.5)),
                 as_word("1970-01-01T00:00:00.500000"));
  const std::chrono::sys_seconds noon = std::chrono::sys_days{2020y / 1 / 1} + 12h;
  expect_written(file_clock::from_sys(noon), as_word("2020-01-01T12:00:00.000000Z"));
  expect_written(file_clock::time_point::max(), as_word("2466-04-11T23:47:16.854775Z"));
  expect_written(file_clock::time_point::min(), as_word("1881-09-22T00:12:43.145224Z"));
  using FileDays = std::chrono::time_point<file_clock, std::chrono::days>;
  expect_written(FileDays(std::chrono::days(1)), as_word("2174-01-02T00:00:00.000000Z"));
  expect_written(LeapClock::time_point(999s), as_word("1970-01-01T00:16:39.000000Z"));
  expect_written(LeapClock::time_point(1000s), as_word("1970-01-01T00:16:39.000000Z"));
  expect_written(AtomicClock::time_point(1009s), as_word("1970-01-01T00:16:39.000000Z"));
  // No date: the time since an epoch that only the clock knows.
  using std::chrono::steady_clock;
  expect_written(steady_clock::time_point(5ns), as_word("5ns since epoch"));
  expect_written(std::chrono::time_point<steady_clock, std::chrono::seconds>(-5s),
                 as_word("-5s since epoch"));
}

// Clocks whose conversion is coarse, or takes or gives other units than the clock's.
template <class Taken, class Given>
struct CoarseClock {
  using duration = Taken;
  using rep = typename Taken::rep;
  using period = typename Taken::period;
  using time_point = std::chrono::time_point<CoarseClock, duration>;
  static time_point now() { return {}; }
  static std::chrono::sys_time<Given> to_sys(const time_point& at) {
    return std::chrono::sys_time<Given>(std::chrono::floor<Given>(at.time_since_epoch() + 500ms) +
                                        std::chrono::floor<Given>(86400s));
  }
};
template <class Taken, class Given>
using CoarseTime = std::chrono::time_point<CoarseClock<Taken, Given>, std::chrono::nanoseconds>;

TEST(Argument, IsATimePointOfAClockThatConvertsCoarsely) {
  using std::chrono::days;
  using std::chrono::minutes;
  using std::chrono::nanoseconds;
  using std::chrono::seconds;
  const nanoseconds at = 3723s + 123456789ns;
  const nanoseconds before = -at;
  expect_written(CoarseTime<seconds, seconds>(at), as_word("1970-01-02T01:02:03.123456Z"));
  expect_written(CoarseTime<seconds, seconds>(before), as_word("1970-01-01T22:57:56.876543Z"));
  expect_written(CoarseTime<minutes, minutes>(at), as_word("1970-01-02T01:02:03.123456Z"));
  expect_written(CoarseTime<minutes, minutes>(before), as_word("1970-01-01T22:57:56.876543Z"));
  expect_written(CoarseTime<nanoseconds, minutes>(at), as_word("1970-01-02T01:02:03.123456Z"));
  expect_written(CoarseTime<nanoseconds, days>(at), as_word("1970-01-02T01:02:03.123456Z"));
  // These conversions keep the half second that they add.
  using std::chrono::milliseconds;
  expect_written(CoarseTime<minutes, milliseconds>(at), as_word("1970-01-02T01:02:03.623456Z"));
  expect_written(CoarseTime<nanoseconds, nanoseconds>(at), as_word("1970-01-02T01:02:03.623456Z"));
  using Real = std::chrono::duration<double>;
  expect_written(CoarseTime<Real, milliseconds>(at), as_word("1970-01-02T01:02:03.623456Z"));
  using Small = std::chrono::duration<std::int16_t, std::ratio<1>>;
  expect_written(CoarseTime<Small, seconds>(at), as_word("1970-01-02T01:02:03.123456Z"));
  expect_written(CoarseTime<Small, seconds>(at + 86400s), as_word("1970-01-03T01:02:03.123456Z"));
}

TEST(Argument, IsATimePointInsideOfOtherValues) {
  const std::chrono::sys_days last{9999y / 12 / 31};
  const std::string date = "9999-12-31T00:00:00.000000Z";
  expect_written(std::vector{last}, {"[\\\"" + date + "\\\"]", "[\"" + date + "\"]"});
  expect_written(std::optional(last), {"\\\"" + date + "\\\"", '"' + date + '"'});
  expect_written(std::variant<int, std::chrono::sys_days>(last),
                 {"\\\"" + date + "\\\"", '"' + date + '"'});
  expect_written(
      std::pair(last, std::chrono::steady_clock::time_point(5ns)),
      {"[\\\"" + date + "\\\",\\\"5ns since epoch\\\"]", "[\"" + date + "\",\"5ns since epoch\"]"});
  expect_written(std::map<std::chrono::local_days, int>{{std::chrono::local_days{}, 1}},
                 {R"({\"1970-01-01T00:00:00.000000\":1})", R"({"1970-01-01T00:00:00.000000":1})"});
  expect_written(
      std::vector<std::tuple<std::chrono::local_days, std::chrono::weeks, int>>{
          {std::chrono::local_days{}, std::chrono::weeks(1), 7}},
      {R"([[\"1970-01-01T00:00:00.000000\",\"604800s\",7]])",
       R"([["1970-01-01T00:00:00.000000","604800s",7]])"});
}

}  // namespace
}  // namespace metlog
