// Every type of argument that a call takes, in the text and as a field, byte for byte.

#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <limits>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

/// The forms of a value in JSON: inside of the payload's string (escaped), and as a field.
struct Written {
  std::string text;
  std::string field;
};

Written as_number(const std::string& number) { return {number, number}; }
Written as_word(const std::string& word) { return {word, '"' + word + '"'}; }

template <class T>
void expect_written(const T& value, const Written& written) {
  TestEngine test;
  METLOG_INFO(test.log(), "<{}>", value);
  METLOG_INFO(test.log(), "", kv("v", value));
  EXPECT_THAT(test.settle(),
              ElementsAre(envelope("oldstyle", 6, "\"<" + written.text + ">\""),
                          envelope("oldstyle", 6, "\"\"", "\"v\":" + written.field)));
}

template <class T>
void expect_limits_written() {
  using Limits = std::numeric_limits<T>;
  expect_written(Limits::min(), as_number(std::to_string(Limits::min())));
  expect_written(Limits::max(), as_number(std::to_string(Limits::max())));
  expect_written(T{0}, as_number("0"));
  expect_written(T{7}, as_number("7"));
}

TEST(Argument, IsAnyIntegerAtItsLimits) {
  expect_limits_written<signed char>();
  expect_limits_written<unsigned char>();
  expect_limits_written<short>();
  expect_limits_written<unsigned short>();
  expect_limits_written<int>();
  expect_limits_written<unsigned>();
  expect_limits_written<long>();
  expect_limits_written<unsigned long>();
  expect_limits_written<long long>();
  expect_limits_written<unsigned long long>();
  expect_written(std::size_t{18446744073709551615ULL}, as_number("18446744073709551615"));
  expect_written(std::int8_t{-128}, as_number("-128"));
  expect_written(u'A', as_number("65"));
  expect_written(U'\U0010ffff', as_number("1114111"));
}

TEST(Argument, IsAReal) {
  expect_written(0.5, as_number("0.5"));
  expect_written(0.5F, as_number("0.5"));
  expect_written(0.1F, as_number("0.1"));
  expect_written(0.1L, as_number("0.1"));
  expect_written(1.0, {"1", "1.0"});
  expect_written(-0.0, {"-0", "-0.0"});
  expect_written(1e300, as_number("1e+300"));
  expect_written(std::numeric_limits<double>::max(), as_number("1.7976931348623157e+308"));
  expect_written(std::numeric_limits<double>::denorm_min(), as_number("5e-324"));
}

TEST(Argument, IsNullAsAFieldWhenJsonHasNoSuchReal) {
  expect_written(std::numeric_limits<double>::quiet_NaN(), {"nan", "null"});
  expect_written(std::numeric_limits<double>::infinity(), {"inf", "null"});
  expect_written(-std::numeric_limits<float>::infinity(), {"-inf", "null"});
}

TEST(Argument, IsABoolOrAChar) {
  expect_written(true, as_number("true"));
  expect_written(false, as_number("false"));
  expect_written('x', as_word("x"));
  expect_written('"', as_word("\\\""));
  expect_written('\n', as_word("\\n"));
  expect_written('\0', as_word("\\u0000"));
  expect_written('\xff', as_word("\xef\xbf\xbd"));
}

enum Plain : int { kPlainMinusTwo = -2 };
enum class Scoped : std::uint64_t { kLargest = UINT64_MAX };
enum class Small : std::uint8_t { kThree = 3 };
enum class Letter : char { kA = 'a' };

TEST(Argument, IsAnEnumByItsNumber) {
  expect_written(kPlainMinusTwo, as_number("-2"));
  expect_written(Scoped::kLargest, as_number("18446744073709551615"));
  expect_written(Small::kThree, as_number("3"));
  expect_written(Letter::kA, as_word("a"));
}

TEST(Argument, IsAPointer) {
  expect_written(reinterpret_cast<void*>(0x1234abcd), as_word("0x1234abcd"));
  expect_written(reinterpret_cast<const int*>(UINTPTR_MAX), as_word("0xffffffffffffffff"));
  expect_written(nullptr, as_word("0x0"));
  expect_written(static_cast<int*>(nullptr), as_word("0x0"));
  expect_written(reinterpret_cast<void (*)()>(0x10), as_word("0x10"));
}

TEST(Argument, IsACString) {
  expect_written("literal", as_word("literal"));
  expect_written("", as_word(""));
  const char* const text = "a \"pointer\"";
  expect_written(text, as_word("a \\\"pointer\\\""));
  char writable[] = "writable";
  expect_written(static_cast<char*>(writable), as_word("writable"));
  expect_written(static_cast<const char*>(nullptr), as_word("(null)"));
  expect_written(static_cast<char*>(nullptr), as_word("(null)"));
}

TEST(Argument, IsACharArrayWithoutItsEnd) {
  const char whole[4] = {'f', 'u', 'l', 'l'};
  expect_written(whole, as_word("full"));
  const char partial[8] = {'h', 'a', 'l', 'f', 0, 'x', 'x', 'x'};
  expect_written(partial, as_word("half"));
}

TEST(Argument, IsAText) {
  expect_written(std::string("string"), as_word("string"));
  expect_written(std::string_view("a view").substr(2), as_word("view"));
  expect_written(std::string_view(), as_word(""));
  expect_written(std::string("nul\0inside", 10), as_word("nul\\u0000inside"));
  expect_written(std::string("\xc3\xa4\xe2\x82\xac"), as_word("\xc3\xa4\xe2\x82\xac"));
  expect_written(std::string("tab\tback\\slash\x01"), as_word("tab\\tback\\\\slash\\u0001"));
  expect_written(std::string("bad \xff\xc3"), as_word("bad \xef\xbf\xbd\xef\xbf\xbd"));
}

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
  expect_written(std::chrono::steady_clock::time_point(5ns), as_word("5ns"));
}

TEST(Argument, IsATimePointBeyondTheRangeOfNanoseconds) {
  expect_written(std::chrono::sys_seconds::max(), as_word("2262-04-11T23:47:16.000000Z"));
  expect_written(std::chrono::sys_seconds::min(), as_word("1677-09-21T00:12:44.000000Z"));
}

TEST(Argument, IsAnOptional) {
  expect_written(std::optional<int>(5), as_number("5"));
  expect_written(std::optional<int>(), as_number("null"));
  expect_written(std::optional<std::string>("x"), {"\\\"x\\\"", "\"x\""});
  expect_written(std::optional<std::optional<bool>>(std::optional<bool>()), as_number("null"));
}

TEST(Argument, IsAPairOrATuple) {
  expect_written(std::pair(1, std::string("two")), {"[1,\\\"two\\\"]", "[1,\"two\"]"});
  expect_written(std::tuple(1, 2.5, true, 'c'), {"[1,2.5,true,\\\"c\\\"]", "[1,2.5,true,\"c\"]"});
  expect_written(std::tuple(), as_number("[]"));
  expect_written(std::tuple("literal", 5ms),
                 {"[\\\"literal\\\",\\\"5ms\\\"]", "[\"literal\",\"5ms\"]"});
}

TEST(Argument, IsASequence) {
  expect_written(std::vector{1, -2, 3}, as_number("[1,-2,3]"));
  expect_written(std::vector<double>(), as_number("[]"));
  expect_written(std::vector{true, false}, as_number("[true,false]"));
  expect_written(std::array{0.5F, 1.5F}, as_number("[0.5,1.5]"));
  expect_written(std::set{3, 1, 2}, as_number("[1,2,3]"));
  expect_written(std::list{1U}, as_number("[1]"));
  expect_written(std::deque{'a'}, {"[\\\"a\\\"]", "[\"a\"]"});
  const std::vector<std::string> texts = {"", "q\"", "\n"};
  expect_written(texts, {R"([\"\",\"q\\\"\",\"\\n\"])", R"(["","q\"","\n"])"});
  expect_written(std::vector<const char*>{"x", nullptr},
                 {R"=([\"x\",\"(null)\"])=", R"=(["x","(null)"])="});
}

TEST(Argument, IsAMapWhoseKeysBecomeTexts) {
  expect_written(std::map<std::string, int>{{"a", 1}, {"b", 2}},
                 {R"({\"a\":1,\"b\":2})", R"({"a":1,"b":2})"});
  expect_written(std::map<int, bool>{{-1, true}}, {R"({\"-1\":true})", R"({"-1":true})"});
  expect_written(std::unordered_map<char, double>{{'k', 0.5}}, {R"({\"k\":0.5})", R"({"k":0.5})"});
  expect_written(std::map<std::chrono::seconds, int>{{2s, 1}}, {R"({\"2s\":1})", R"({"2s":1})"});
  expect_written(std::map<void*, int>{{nullptr, 1}}, {R"({\"0x0\":1})", R"({"0x0":1})"});
  expect_written(std::map<int, int>(), as_number("{}"));
}

TEST(Argument, IsAListOfPairsForAMapWhoseKeysAreNoTexts) {
  expect_written(std::map<std::pair<std::string, int>, bool>{{{"a", 1}, true}},
                 {R"([[[\"a\",1],true]])", R"([[["a",1],true]])"});
  expect_written(std::map<std::optional<int>, int>{{{}, 1}}, as_number("[[null,1]]"));
}

TEST(Argument, IsNested) {
  expect_written(std::vector<std::vector<int>>{{1}, {}, {2, 3}}, as_number("[[1],[],[2,3]]"));
  expect_written(std::map<int, std::vector<std::optional<int>>>{{1, {5, std::nullopt}}},
                 {R"({\"1\":[5,null]})", R"({"1":[5,null]})"});
  expect_written(std::tuple(std::vector<int>(), std::map<int, int>(), std::optional<int>(), 1),
                 as_number("[[],{},null,1]"));
}

struct Money {
  std::int64_t cents;
};
double metlog_reduce(const Money& money) { return static_cast<double>(money.cents) / 100; }

struct Name {
  std::string first;
  std::string last;
};
std::string metlog_reduce(const Name& name) { return name.first + " " + name.last; }

struct Point {
  int x;
  int y;
};
auto metlog_reduce(const Point& point) { return std::tuple(point.x, point.y); }

enum class Color { kRed };
std::string_view metlog_reduce(Color) { return "red"; }

struct Order {
  Name buyer;
  std::vector<Point> route;
};
auto metlog_reduce(const Order& order) { return std::tuple(order.buyer, order.route); }

TEST(Argument, IsTheUsersOwnTypeByMetlogReduce) {
  expect_written(Money{1250}, as_number("12.5"));
  expect_written(Name{"Ada", "Lovelace"}, as_word("Ada Lovelace"));
  expect_written(Point{1, -2}, as_number("[1,-2]"));
  expect_written(Color::kRed, as_word("red"));
  expect_written(Order{{"A", "B"}, {{1, 2}}}, {R"([\"A B\",[[1,2]]])", R"(["A B",[[1,2]]])"});
  expect_written(std::vector{Name{"A", "B"}}, {R"([\"A B\"])", R"(["A B"])"});
  expect_written(std::optional(Money{50}), as_number("0.5"));
  expect_written(std::map<Color, Point>{{Color::kRed, {0, 1}}},
                 {R"({\"red\":[0,1]})", R"({"red":[0,1]})"});
}

TEST(Argument, FollowsItsSpecification) {
  TestEngine test;
  METLOG_INFO(test.log(), "{:>5}|{:<5}|{:^5}|{:*>5}", 1, "ab", 'c', true);
  METLOG_INFO(test.log(), "{:08.3f}|{:e}|{:+}|{:#x}|{:b}|{:X}", 3.14159, 1.5, 7, 255U, 5, 255ULL);
  METLOG_INFO(test.log(), "{1}{0}{1} {{{0}}}", "a", 2);
  METLOG_INFO(test.log(), "{:.3}|{:p}|{:d}|{:c}", "abcdef", static_cast<void*>(nullptr), true, 65);
  EXPECT_THAT(test.settle(),
              ElementsAre(envelope("oldstyle", 6, "\"    1|ab   |  c  |*true\""),
                          envelope("oldstyle", 6, "\"0003.142|1.500000e+00|+7|0xff|101|FF\""),
                          envelope("oldstyle", 6, "\"2a2 {a}\""),
                          envelope("oldstyle", 6, "\"abc|0x0|1|A\"")));
}

TEST(Argument, StandsAtEveryPlaceOfALongCall) {
  TestEngine test;
  METLOG_WARN(test.log(), "{} {} {} {} {} {} {} {} {} {}", 1, std::int64_t{2}, 3.0, "four", 5U,
              std::string("six"), std::vector{7}, '8', true, nullptr, kv("a", 1), kv("b", "two"),
              kv("c", std::pair(3, 4)), logger("other"), severity(2));
  std::string expected = envelope("oldstyle", 2, "\"1 2 3 four 5 six [7] 8 true 0x0\"",
                                  "\"a\":1,\"b\":\"two\",\"c\":[3,4]");
  expected.replace(expected.find("tests"), 5, "other");
  EXPECT_THAT(test.settle(), ElementsAre(expected));
}

}  // namespace
}  // namespace metlog
