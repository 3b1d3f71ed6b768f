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

#include "tests/support/written_value.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

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
}

TEST(Argument, IsAnIntegerOf128Bits) {
  expect_written(Int128{-5}, as_number("-5"));
  expect_written(Int128{INT64_MIN}, as_number("-9223372036854775808"));
  expect_written(Uint128{UINT64_MAX}, as_number("18446744073709551615"));
  // What does not fit into 64 bits is a string in JSON, whose readers would round the number.
  expect_written(Int128{INT64_MIN} - 1, as_word("-9223372036854775809"));
  expect_written(Uint128{UINT64_MAX} + 1, as_word("18446744073709551616"));
  expect_written(~Uint128{0}, as_word("340282366920938463463374607431768211455"));
  expect_written(std::vector{Int128{1} << 100}, {R"([\"1267650600228229401496703205376\"])",
                                                 R"(["1267650600228229401496703205376"])"});
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

TEST(Argument, IsARealBeyondTheRangeOfDouble) {
  if (std::numeric_limits<long double>::max_exponent10 < 4000) GTEST_SKIP() << "no such type";
  // A string in JSON, whose readers would take the number for an infinity, or for zero.
  expect_written(1e310L, as_word("1e+310"));
  expect_written(-1e310L, as_word("-1e+310"));
  expect_written(1e-400L, as_word("1e-400"));
  expect_written(static_cast<Float128>(1e310L), as_word("1e+310"));
  expect_written(std::vector{1e310L, 0.5L}, {R"([\"1e+310\",0.5])", R"(["1e+310",0.5])"});
  expect_written(std::map<long double, int>{{2, 1}}, {R"({\"2.0\":1})", R"({"2.0":1})"});
  expect_written(std::map<double, int>{{2, 1}}, {R"({\"2.0\":1})", R"({"2.0":1})"});
  expect_written(std::map<long double, int>{{1e310L, 1}}, {R"({\"1e+310\":1})", R"({"1e+310":1})"});
  expect_written(static_cast<long double>(std::numeric_limits<double>::denorm_min()),
                 as_number("5e-324"));
  expect_written(std::numeric_limits<long double>::infinity(), {"inf", "null"});
  expect_written(std::numeric_limits<long double>::quiet_NaN(), {"nan", "null"});
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

// Functions that return what a string is made of, or what has such a function itself.
struct Pointer {};
const char* metlog_reduce(const Pointer&) { return "pointed"; }
struct Chain {};
Pointer metlog_reduce(const Chain&) { return {}; }
struct Count {};
int metlog_reduce(const Count&) { return 7; }
struct CountChain {};
Count metlog_reduce(const CountChain&) { return {}; }
struct Wide {};
std::wstring metlog_reduce(const Wide&) { return L"\u00e4"; }
struct Moment {};
std::chrono::sys_days metlog_reduce(const Moment&) {
  return std::chrono::sys_days{9999y / 12 / 31};
}

TEST(Argument, IsWhatMetlogReduceReturnsOfAnyType) {
  expect_written(Pointer(), as_word("pointed"));
  expect_written(Chain(), as_word("pointed"));
  expect_written(CountChain(), as_number("7"));
  expect_written(Wide(), as_word("\u00e4"));
  expect_written(Moment(), as_word("9999-12-31T00:00:00.000000Z"));
  expect_written(std::vector{Chain()}, {R"([\"pointed\"])", R"(["pointed"])"});
  expect_written(std::optional(Wide()), {"\\\"\u00e4\\\"", "\"\u00e4\""});
}

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
