// `?format=text`: how the option gets from a URL to the client's messages.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <string>

#include "metlog/internal/base/url.h"
#include "metlog/internal/flush/destination_url.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::StartsWith;
using testing::UnorderedElementsAre;

struct Taken {
  MessageFormat format;
  std::map<std::string, std::string> rest;
};

Taken take(std::string_view text, MessageFormat preset) {
  Url url = *parse_url(text);
  const MessageFormat format = take_format(url, preset)->format();
  return {format, url.query};
}

std::string message_of(std::string_view text) {
  Url url = *parse_url(text);
  return std::string(take_format(url, MessageFormat::kJson).status().message());
}

TEST(FormatOption, IsTakenOutOfTheUrl) {
  const Taken alone = take("file:x?format=text", MessageFormat::kJson);
  EXPECT_EQ(alone.format, MessageFormat::kText);
  EXPECT_THAT(alone.rest, IsEmpty());
  const Taken among = take("file:x?truncate=1&format=json&hold_ms=5", MessageFormat::kText);
  EXPECT_EQ(among.format, MessageFormat::kJson);
  EXPECT_THAT(among.rest, UnorderedElementsAre(Pair("truncate", "1"), Pair("hold_ms", "5")));
  EXPECT_EQ(take("file:x?f%6Frmat=te%78t", MessageFormat::kJson).format, MessageFormat::kText);
}

TEST(FormatOption, IsThePresetWhereTheUrlHasNone) {
  EXPECT_EQ(take("stdout:", MessageFormat::kText).format, MessageFormat::kText);
  const Taken other = take("file:format=text?truncate=1", MessageFormat::kJson);
  EXPECT_EQ(other.format, MessageFormat::kJson);
  EXPECT_THAT(other.rest, UnorderedElementsAre(Pair("truncate", "1")));
}

TEST(FormatOption, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(message_of("file:x?format=xml"), HasSubstr("format='xml'"));
  EXPECT_THAT(message_of("file:x?format=xml"),
              HasSubstr("is none of json, text, indented, pattern"));
  EXPECT_THAT(message_of("file:x?format"), HasSubstr("is none of json, text, indented, pattern"));
}

TEST(FormatOption, RefusesTextInBatchedFrames) {
  for (const char* batch : {"batch=1", "batch", "batch=", "batch=true", "b%61tch=1"}) {
    EXPECT_THAT(message_of(std::string("udp://h:1?") + batch + "&format=text"),
                HasSubstr("hold JSON"))
        << batch;
  }
  EXPECT_EQ(take("udp://h:1?batch=0&format=text", MessageFormat::kJson).format,
            MessageFormat::kText);
}

TEST(Engine, RefusesTextInBatchedFrames) {
  TestEngine test;
  for (const char* options :
       {"batch=&format=text", "b%61tch=1&format=text", "batch&format=indented",
        "format=te%78t&batch=true", "max_datagram=1000&batch=1&format=text"}) {
    for (const char* scheme : {"udp", "UDP", "tcp", "zmq+tcp"}) {
      const std::string url = std::string(scheme) + "://127.0.0.1:9?" + options;
      const auto client = test.engine().open(url);
      EXPECT_THAT(std::string(client.status().message()), HasSubstr("hold JSON")) << url;
      Client other = *test.engine().open("null:");
      const absl::Status changed = Engine::reconfigure(other, url);
      EXPECT_THAT(std::string(changed.message()), HasSubstr("hold JSON")) << url;
      METLOG_INFO(other, "goes on as before");
      EXPECT_EQ(other.close(std::chrono::seconds(10)).sent, 1U);
    }
  }
  // Names and values are as written: these are no spellings of batch=1.
  for (const char* options : {"BATCH=1&format=text", "batch=TRUE&format=text", "batch=2"}) {
    EXPECT_FALSE(test.engine().open(std::string("udp://127.0.0.1:9?") + options).ok()) << options;
  }
  for (const char* twice : {"batch=0&batch=1&format=text", "batch=1&b%61tch=0&format=text"}) {
    const auto client = test.engine().open(std::string("udp://127.0.0.1:9?") + twice);
    EXPECT_THAT(std::string(client.status().message()), HasSubstr("given twice")) << twice;
  }
  EXPECT_THAT(
      std::string(
          test.engine().open("udp://127.0.0.1:9?format=text&format=text").status().message()),
      HasSubstr("given twice"));
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
