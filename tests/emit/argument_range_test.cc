// Arrays, views and the types of the standard library that are logged as another type.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <bitset>
#include <complex>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <ranges>
#include <source_location>
#include <span>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "tests/support/written_value.h"

namespace metlog {
namespace {

using testing::ElementsAre;

TEST(Argument, IsAnArrayOrAProxy) {
  const int numbers[3] = {1, 2, 3};
  expect_written(numbers, as_number("[1,2,3]"));
  const int nested[2][2] = {{1, 2}, {3, 4}};
  expect_written(nested, as_number("[[1,2],[3,4]]"));
  const char names[2][4] = {"ab", "cde"};
  expect_written(names, {R"([\"ab\",\"cde\"])", R"(["ab","cde"])"});
  expect_written(std::initializer_list<int>{1, 2}, as_number("[1,2]"));
  expect_written(std::span<const int>(numbers), as_number("[1,2,3]"));
  const std::vector<bool> bits = {true, false};
  expect_written(bits[0], as_number("true"));
}

// clang++ 14 cannot compile the views of libstdc++.
#if !defined(__clang__) || __clang_major__ >= 16
TEST(Argument, IsAViewAsItsElements) {
  namespace views = std::views;
  const std::vector<int> numbers = {1, 2, 3, 4};
  expect_written(views::iota(0, 5), as_number("[0,1,2,3,4]"));
  expect_written(views::iota(0) | views::take(2), as_number("[0,1]"));
  expect_written(numbers | views::transform([](int i) { return i * 0.5; }),
                 as_number("[0.5,1.0,1.5,2.0]"));
  expect_written(numbers | views::filter([](int i) { return i % 2 == 0; }), as_number("[2,4]"));
  expect_written(numbers | views::reverse, as_number("[4,3,2,1]"));
  expect_written(numbers | views::filter([](int) { return false; }), as_number("[]"));
  const std::vector<std::vector<int>> nested = {{1}, {2, 3}};
  expect_written(nested | views::join, as_number("[1,2,3]"));
  const std::map<int, std::string> map = {{1, "x"}};
  expect_written(map | views::keys, as_number("[1]"));
  expect_written(map | views::values, {R"([\"x\"])", R"(["x"])"});
  const std::vector<bool> bits = {true, false};
  expect_written(bits | views::reverse, as_number("[false,true]"));
}

TEST(Argument, IsLostAsTooBigWhenAViewHasNoEndOrTooManyElements) {
  TestEngine test;
  METLOG_INFO(test.log(), "{}", std::views::iota(0));
  METLOG_INFO(test.log(), "{}", std::views::iota(0L, 1'000'000'000'000L));
  METLOG_INFO(test.log(), "{}",
              std::views::iota(0) | std::views::transform([](int) { return std::tuple<>(); }));
  METLOG_INFO(test.log(), "", kv("v", std::vector{std::views::iota(0)}));
  test.settle();
  EXPECT_EQ(test.client().stats().lost[LossReason::kTooBig], 4U);
}
#endif

TEST(Argument, IsAVariantAsWhatItHolds) {
  using Variant = std::variant<std::monostate, int, std::string, std::vector<int>>;
  expect_written(Variant(), as_number("null"));
  expect_written(Variant(5), as_number("5"));
  expect_written(Variant("x"), {R"(\"x\")", R"("x")"});
  expect_written(std::vector{Variant(std::vector{1, 2}), Variant(3)}, as_number("[[1,2],3]"));
  expect_written(std::pair(Variant(1), 2), as_number("[1,2]"));
}

int some_function() { return 0; }

TEST(Argument, IsWhatStandsForATypeOfTheLibrary) {
  expect_written(std::atomic<int>(5), as_number("5"));
  int number = 3;
  expect_written(std::ref(number), as_number("3"));
  const std::atomic<int> not_copied[2] = {1, 2};
  expect_written(std::cref(not_copied), as_number("[1,2]"));
  expect_written(std::bitset<5>(5), as_word("00101"));
  expect_written(std::make_error_code(std::errc::no_such_file_or_directory),
                 as_word("generic:2: No such file or directory"));
  expect_written(std::complex<double>(1, -2), as_number("[1.0,-2.0]"));
#ifdef __cpp_lib_source_location
  const auto here = std::source_location::current();
  expect_written(here, as_word(std::string(here.file_name()) + ':' + std::to_string(here.line())));
#endif
  const auto address = reinterpret_cast<std::uintptr_t>(&some_function);
  expect_written(some_function, as_word(fmt::format("{:#x}", address)));
  struct {
    int number : 3;
    bool flag : 1;
  } bits = {2, true};
  expect_written(bits.number, as_number("2"));
  expect_written(bits.flag, as_number("true"));
}

TEST(Argument, IsAVolatileOfItsType) {
  TestEngine test;
  volatile bool flag = true;
  volatile char letter = 'c';
  volatile float real = 0.1F;
  const volatile int array[2] = {1, 2};
  METLOG_INFO(test.log(), "{} {} {} {}", flag, letter, real, array, kv("v", letter));
  EXPECT_THAT(test.settle(),
              ElementsAre(envelope("oldstyle", 6, "\"true c 0.1 [1,2]\"", "\"v\":\"c\"")));
}

}  // namespace
}  // namespace metlog
