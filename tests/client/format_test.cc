// `?format=text`: how the option gets from a URL to the client's messages.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "metlog/internal/flush/format_option.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string message_of(std::string_view url) {
  return std::string(take_format(url, MessageFormat::kJson).status().message());
}

TEST(FormatOption, IsTakenOffTheUrl) {
  const FormattedUrl alone = *take_format("file:x?format=text", MessageFormat::kJson);
  EXPECT_EQ(alone.url, "file:x");
  EXPECT_EQ(alone.format.format(), MessageFormat::kText);
  const FormattedUrl among =
      *take_format("file:x?truncate=1&format=json&hold_ms=5", MessageFormat::kText);
  EXPECT_EQ(among.url, "file:x?truncate=1&hold_ms=5");
  EXPECT_EQ(among.format.format(), MessageFormat::kJson);
}

TEST(FormatOption, IsThePresetWhereTheUrlSaysNothing) {
  EXPECT_EQ(take_format("stdout:", MessageFormat::kText)->format.format(), MessageFormat::kText);
  const FormattedUrl other = *take_format("file:format=text?truncate=1", MessageFormat::kJson);
  EXPECT_EQ(other.url, "file:format=text?truncate=1");
  EXPECT_EQ(other.format.format(), MessageFormat::kJson);
}

TEST(FormatOption, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(message_of("file:x?format=xml"), HasSubstr("format='xml'"));
  EXPECT_THAT(message_of("file:x?format=xml"), HasSubstr("neither json, text nor indented"));
  EXPECT_THAT(message_of("file:x?format"), HasSubstr("neither json, text nor indented"));
  EXPECT_THAT(message_of("file:x?format=text&format=text"), HasSubstr("twice"));
  EXPECT_THAT(message_of("udp://h:1?batch=1&format=text"), HasSubstr("hold JSON"));
}

TEST(Engine, OpensTextAndJsonBesideEachOther) {
  TestEngine test;
  const std::string path = testing::TempDir() + "/metlog_format_test.log";
  std::remove(path.c_str());
  EXPECT_FALSE(test.engine().open("file:" + path + "?format=yaml").ok());
  Client text = *test.engine().open("file:" + path + "?truncate=1&format=text", {.logger = "shop"});
  METLOG_INFO(text, "order {} for {} items", 4711, 3);
  METLOG_INFO(test.log(), "an envelope");
  step_until_quiet(test.engine());
  EXPECT_THAT(test.capture().messages().front(), StartsWith("{\"type\":"));
  const Receipt receipt = text.close(std::chrono::seconds(10));
  EXPECT_EQ(receipt.sent, 1U);
  EXPECT_EQ(text.stats().unexplained(), 0);
  std::ifstream file(path);
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  EXPECT_EQ(line, "2013-01-18T12:34:56.789012Z INFO   shop: order 4711 for 3 items");
  EXPECT_FALSE(std::getline(file, line)) << line;
  std::remove(path.c_str());
}

}  // namespace
}  // namespace metlog
