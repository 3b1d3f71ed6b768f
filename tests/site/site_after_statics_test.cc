// A function with a static object before our headers: the compiler has then declared the library's
// handle itself, and ours must not conflict.
#include <string>

namespace {
const std::string& text_before() {
  static const std::string kText = "site: after statics";
  return kText;
}
}  // namespace

#include <gtest/gtest.h>

#include "tests/support/test_engine.h"

namespace metlog {
namespace {

TEST(SiteAfterStatics, IsRegisteredAndCalled) {
  TestEngine test;
  METLOG_INFO(test.log(), "{}", text_before());
  EXPECT_EQ(test.settle().size(), 1U);
}

}  // namespace
}  // namespace metlog
