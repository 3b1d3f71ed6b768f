#include "metlog/internal/text/function_name.h"

#include <gtest/gtest.h>

#include <string>

namespace metlog {
namespace {

TEST(FunctionName, IsCutOutOfTheSignaturesOfBothCompilers) {
  constexpr struct {
    const char* gcc;
    const char* clang;
    const char* name;
  } kCases[] = {
      {"main()", "main()", "main"},
      {"shop::{anonymous}::pay(int)", "shop::(anonymous namespace)::pay(int)", "shop::pay"},
      {"shop::Cart<T>::add(int, T) const", "shop::Cart<int>::add(int, int)", nullptr},
      {"shop::call(void (*)(int))", "shop::call(void (*)(int))", "shop::call"},
      {"shop::Cart::operator()(int)", "shop::Cart::operator()(int)", "shop::Cart::operator()"},
      {"shop::Cart::operator bool()", "shop::Cart::operator bool()", "shop::Cart::operator bool"},
      {"shop::Cart::operator<(int)", "shop::Cart::operator<(int)", "shop::Cart::operator<"},
      {"shop::Cart::~Cart()", "shop::Cart::~Cart()", "shop::Cart::~Cart"},
      {"shop::run()::<lambda(int)>", "shop::run()::(anonymous class)::operator()(int)",
       "shop::run::<lambda>"},
  };
  for (const auto& [gcc, clang, name] : kCases) {
    const std::string by_gcc = bare_function_name(gcc);
    const std::string by_clang = bare_function_name(clang);
    if (name != nullptr) {
      EXPECT_EQ(by_gcc, name);
      EXPECT_EQ(by_clang, name);
    } else {
      EXPECT_EQ(by_gcc, "shop::Cart<T>::add");
      EXPECT_EQ(by_clang, "shop::Cart<int>::add");
    }
  }
}

TEST(FunctionName, IsNothingOfNothing) { EXPECT_EQ(bare_function_name(""), ""); }

}  // namespace
}  // namespace metlog
