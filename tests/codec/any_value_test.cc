#include "metlog/internal/codec/any_value.h"

#include <gtest/gtest.h>

#include <string>

namespace metlog {
namespace {

std::string any_value(std::string_view json) {
  std::string out(32 + 16 * json.size(), '\0');
  out.resize(static_cast<std::size_t>(append_any_value(out.data(), json) - out.data()));
  return out;
}

TEST(AnyValue, HasTheTypeOfTheJson) {
  EXPECT_EQ(any_value("7"), R"({"intValue":"7"})");
  EXPECT_EQ(any_value("-9223372036854775808"), R"({"intValue":"-9223372036854775808"})");
  EXPECT_EQ(any_value("18446744073709551615"), R"({"stringValue":"18446744073709551615"})");
  EXPECT_EQ(any_value("1.0"), R"({"doubleValue":1.0})");
  EXPECT_EQ(any_value("1e-07"), R"({"doubleValue":1e-07})");
  EXPECT_EQ(any_value("true"), R"({"boolValue":true})");
  EXPECT_EQ(any_value("null"), "{}");
  EXPECT_EQ(any_value(R"("a\"]b")"), R"({"stringValue":"a\"]b"})");
  EXPECT_EQ(any_value(R"([1,["x"],{}])"),
            R"({"arrayValue":{"values":[{"intValue":"1"},{"arrayValue":{"values":)"
            R"([{"stringValue":"x"}]}},{"kvlistValue":{"values":[]}}]}})");
  EXPECT_EQ(any_value(R"({"k}":null,"l":2})"),
            R"({"kvlistValue":{"values":[{"key":"k}","value":{}},{"key":"l","value":)"
            R"({"intValue":"2"}}]}})");
}

TEST(AnyValue, IsWrappedInPlace) {
  for (const std::string json : {"7", "1.5", "false", "null", "\"text\""}) {
    std::string text = json + std::string(64, '\0');
    char* const end = wrap_any_value(text.data(), text.data() + json.size());
    EXPECT_EQ(text.substr(0, static_cast<std::size_t>(end - text.data())), any_value(json));
  }
}

TEST(AnyValue, OfTheTightestJsonHasRoom) {
  std::string nested;
  for (int i = 0; i < 30; ++i) nested += '[';
  for (int i = 0; i < 30; ++i) nested += ']';
  EXPECT_LE(any_value(nested).size(), 32 + 16 * nested.size());
}

}  // namespace
}  // namespace metlog
