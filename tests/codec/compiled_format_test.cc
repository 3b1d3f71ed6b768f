// The literals and arguments of a log text. They are written in one pass if the format names the
// arguments in order, and else each argument is located; the result is always that of {fmt}.

#include "metlog/internal/codec/compiled_format.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/context.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::Each;
using testing::SizeIs;

std::vector<std::string> payloads(TestEngine& test) {
  std::vector<std::string> texts;
  simdjson::dom::parser parser;
  for (const std::string& envelope : test.settle()) {
    const std::string_view payload = parser.parse(envelope)["payload"];
    texts.emplace_back(payload);
  }
  return texts;
}

/// The payload of a call, which is made twice: alone, and with a context, for which arguments are
/// located.
template <class Call>
std::string payload_of(const Call& call) {
  TestEngine test;
  call(test.log());
  {
    const ScopedContext scope({{"tenant", "acme"}});
    call(test.log());
  }
  const std::vector<std::string> texts = payloads(test);
  EXPECT_THAT(texts, SizeIs(2));
  EXPECT_THAT(texts, Each(texts.at(0)));
  return texts.at(0);
}

TEST(CompiledFormat, WritesArgumentsOfEveryKindInTheOrderOfTheText) {
  const std::int64_t least = std::numeric_limits<std::int64_t>::min();
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  const auto call = [&](Client& log) {
    METLOG_INFO(log, "{} {}{} {} {} {} {}.", -7, least, most, 0.25, std::string_view("text"), 'c',
                true);
  };
  EXPECT_EQ(payload_of(call),
            fmt::format("{} {}{} {} {} {} {}.", -7, least, most, 0.25, "text", 'c', true));
}

TEST(CompiledFormat, WritesStringsOfEveryLengthAfterEachOther) {
  for (std::size_t size = 0; size < 70; ++size) {
    const std::string one(size, 'x');
    const std::string other(70 - size, 'y');
    const auto call = [&](Client& log) { METLOG_INFO(log, "<{}|{}|{}>", one, 1, other); };
    ASSERT_EQ(payload_of(call), fmt::format("<{}|{}|{}>", one, 1, other));
  }
}

TEST(CompiledFormat, WritesArgumentsInAnotherOrderOrMoreThanOnce) {
  const std::string text = "two";
  EXPECT_EQ(payload_of([&](Client& log) { METLOG_INFO(log, "{1} {0}", 1, text); }), "two 1");
  EXPECT_EQ(payload_of([&](Client& log) { METLOG_INFO(log, "{0}{0} {1}", text, 3); }), "twotwo 3");
}

TEST(CompiledFormat, WritesLiteralsOfEveryLength) {
  EXPECT_EQ(payload_of([](Client& log) { METLOG_INFO(log, ""); }), "");
  EXPECT_EQ(payload_of([](Client& log) { METLOG_INFO(log, "{}", 1); }), "1");
  EXPECT_EQ(payload_of([](Client& log) { METLOG_INFO(log, "15 letters here{}.", 1); }),
            "15 letters here1.");
  EXPECT_EQ(payload_of([](Client& log) { METLOG_INFO(log, "16 letters, here{}.", 1); }),
            "16 letters, here1.");
  EXPECT_EQ(payload_of([](Client& log) { METLOG_INFO(log, "17 letters, here:{}.", 1); }),
            "17 letters, here:1.");
  EXPECT_EQ(payload_of([](Client& log) {
              METLOG_INFO(log, "{} and a literal that is longer than two blocks of sixteen", 1);
            }),
            "1 and a literal that is longer than two blocks of sixteen");
}

TEST(CompiledFormat, EscapesLiteralsInEachFormItsOwnWay) {
  const auto call = [](Client& log) { METLOG_INFO(log, "a \"{}\" {{b}}\t\\ \u00fc{}", 1, 2); };
  EXPECT_EQ(payload_of(call), "a \"1\" {b}\t\\ \u00fc2");
  TestEngine test({.client = {.logger = "tests", .format = MessageFormat::kText}});
  call(test.log());
  EXPECT_THAT(test.settle(), testing::ElementsAre(testing::EndsWith("a \"1\" {b}\\t\\\\ \u00fc2")));
}

TEST(CompiledFormat, TakesWidthsAndPrecisionsFromArguments) {
  const std::string text = "caf\u00e9";
  EXPECT_EQ(payload_of([&](Client& log) { METLOG_INFO(log, "<{:{}}>", text, 6); }),
            fmt::format("<{:{}}>", text, 6));
  EXPECT_EQ(payload_of([](Client& log) { METLOG_INFO(log, "{:.{}f} {}", 3.14159, 2U, "end"); }),
            fmt::format("{:.{}f} {}", 3.14159, 2, "end"));
  EXPECT_EQ(payload_of([](Client& log) {
              METLOG_INFO(log, "{:\u00e9^{}.{}f}", -2.5, std::int64_t{9}, std::uint64_t{1});
            }),
            fmt::format("{:\u00e9^{}.{}f}", -2.5, 9, 1));
  EXPECT_EQ(payload_of([](Client& log) { METLOG_INFO(log, "{2:>{0}}{1}", 4, "x", 'c'); }), "   cx");
}

TEST(CompiledFormat, WritesTheValueAndNamesAWidthOrPrecisionThatItCannotTake) {
  EXPECT_EQ(payload_of([](Client& log) { METLOG_INFO(log, "<{:{}}>", "x", -1); }),
            "<x{?width -1}>");
  EXPECT_EQ(payload_of([](Client& log) {
              METLOG_INFO(log, "<{:{}.{}f}>", 0.5, std::uint64_t{1} << 31, INT64_MIN);
            }),
            "<0.500000{?width 2147483648}{?precision -9223372036854775808}>");
  EXPECT_EQ(payload_of([](Client& log) { METLOG_INFO(log, "<{:{}}>", 1, 0); }), "<1>");
}

}  // namespace
}  // namespace metlog
