// `add=` and `numbers=1`: what envelopes and lines have besides.

#include "metlog/internal/codec/additions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "metlog/context.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

TestEngineOptions with(MessageFormat format, std::string add, bool numbers = false) {
  FormatOptions options;
  options.add = std::move(add);
  options.numbers = numbers;
  return {.client = {.logger = "shop", .format = {format, options}}};
}

std::string tid() { return std::to_string(syscall(SYS_gettid)); }

void expect_json(const std::string& message) {
  simdjson::dom::parser parser;
  EXPECT_EQ(parser.parse(simdjson::padded_string(message)).error(), simdjson::SUCCESS) << message;
}

TEST(Additions, AreMembersOfTheEnvelope) {
  TestEngine test(with(MessageFormat::kJson,
                       "level,file,line:code.line,function,thread_id,thread:@thread,process"));
  const std::string line = std::to_string(__LINE__ + 1);
  METLOG_WARN(test.log(), "plain");
  METLOG_INFO(test.log(), "field", kv("a", 1));
  {
    const ScopedContext scope({{"request", 4711}});
    METLOG_INFO(test.log(), "context");
  }
  METLOG_EVENT(test.log(), "own", logger("other"), severity(3));
  METLOG_INCR(test.log(), "orders");
  const std::vector<std::string> messages = test.settle();
  for (const std::string& message : messages) {
    expect_json(message);
    EXPECT_THAT(message, HasSubstr("\"thread_id\":" + tid() +
                                   ",\"@thread\":\"formats_test\","
                                   "\"process\":\"formats_test\"}"));
  }
  EXPECT_THAT(messages[0],
              HasSubstr("\"payload\":\"plain\",\"fields\":{},\"level\":\"warning\",\"file\":"
                        "\"additions_test.cc\",\"code.line\":" +
                        line + ",\"function\":\"metlog::Additions_AreMembers"));
  EXPECT_THAT(messages[1], HasSubstr("\"fields\":{\"a\":1},\"level\":\"info\","));
  EXPECT_THAT(messages[2], HasSubstr("\"fields\":{\"request\":4711},\"level\":\"info\","));
  EXPECT_THAT(messages[3], HasSubstr("\"level\":\"error\","));
}

TEST(Additions, AreFieldsOfALine) {
  TestEngine test(with(MessageFormat::kText, "file,thread_id:tid,level"));
  METLOG_WARN(test.log(), "plain");
  METLOG_INFO(test.log(), "field", kv("a", 1));
  METLOG_EVENT(test.log(), "own", severity(3));
  const std::vector<std::string> lines = test.settle();
  const std::string tail = " file=additions_test.cc tid=" + tid() + " level=";
  EXPECT_THAT(lines[0], EndsWith("plain" + tail + "warning"));
  EXPECT_THAT(lines[1], EndsWith("field a=1" + tail + "info"));
  EXPECT_THAT(lines[2], EndsWith("own" + tail + "error"));
}

TEST(Additions, AreOfIndentedEnvelopesToo) {
  const ClientOptions options = with(MessageFormat::kIndented, "level,line").client;
  const auto capture = std::make_shared<Capture>();
  TestEngine host;
  Client client = *host.engine().open(std::make_unique<CaptureSender>(capture), options);
  METLOG_WARN(client, "x");
  step_until_quiet(host.engine());
  EXPECT_THAT(capture->messages().at(0),
              HasSubstr("\n    \"level\": \"warning\",\n    \"line\": "));
  EXPECT_EQ(client.close(std::chrono::seconds(30)).sent, 1U);
}

TEST(Additions, AreWhatTheyWereWhenAFilterChangesTheMessage) {
  for (const MessageFormat format : {MessageFormat::kJson, MessageFormat::kText}) {
    TestEngineOptions options = with(format, "file,line,thread_id,level");
    options.client.filters = {Filter("changes", [](Message& message) {
      EXPECT_EQ(message.source().file, __FILE__);
      EXPECT_GT(message.source().line, 0U);
      EXPECT_THAT(std::string(message.source().function), HasSubstr("Additions_AreWhat"));
      EXPECT_EQ(std::to_string(message.source().thread_id), tid());
      EXPECT_EQ(message.source().thread_name, "formats_test");
      EXPECT_EQ(message.source().process, "formats_test");
      message.set_severity(2);
      return true;
    })};
    TestEngine test(std::move(options));
    METLOG_INFO(test.log(), "x");
    const std::string message = test.settle().at(0);
    EXPECT_THAT(message, HasSubstr("critical"));
    EXPECT_THAT(message, HasSubstr(tid()));
    EXPECT_THAT(message, HasSubstr("additions_test.cc"));
  }
}

TEST(Additions, LeaveOutWhatIsNotKnown) {
  TestEngine test(with(MessageFormat::kJson, "file,line,function,level"));
  test.log().info("by name");
  Message::Parts ready;
  ready.type = "ready";
  test.log().send_message(Message(ready));
  for (const std::string& message : test.settle()) {
    expect_json(message);
    EXPECT_THAT(message, Not(HasSubstr("\"line\":")));
    EXPECT_THAT(message, HasSubstr(",\"level\":\""));
  }
}

TEST(Numbers, AreThePayloadsOfMetrics) {
  TestEngine test(with(MessageFormat::kJson, "", true));
  METLOG_INCR(test.log(), "a", 3);
  METLOG_INCR(test.log(), "b");
  METLOG_INCR(test.log(), "c", 0.5);
  METLOG_INCR(test.log(), "d", std::numeric_limits<double>::infinity());
  METLOG_INFO(test.log(), "7");
  { METLOG_TIMER(test.log(), "t"); }
  const std::vector<std::string> messages = test.settle();
  for (const std::string& message : messages) expect_json(message);
  EXPECT_THAT(messages[0], HasSubstr("\"payload\":3,"));
  EXPECT_THAT(messages[1], HasSubstr("\"payload\":1,"));
  EXPECT_THAT(messages[2], HasSubstr("\"payload\":0.5,"));
  EXPECT_THAT(messages[3], HasSubstr("\"payload\":\"inf\","));
  EXPECT_THAT(messages[4], HasSubstr("\"payload\":\"7\","));
  EXPECT_THAT(messages[5], testing::ContainsRegex("\"payload\":[0-9]+\\.[0-9]+,"));
}

TEST(Numbers, AreNumbersWhenAFilterChangesTheMessage) {
  TestEngineOptions options = with(MessageFormat::kJson, "", true);
  options.client.filters = {Filter("changes", [](Message& message) {
    message.set_logger("other");
    return true;
  })};
  TestEngine test(std::move(options));
  METLOG_INCR(test.log(), "a", 3);
  EXPECT_THAT(test.settle().at(0), HasSubstr("\"payload\":3,"));
}

std::string error_of(MessageFormat format, const FormatOptions& options) {
  TestEngine test;
  const auto client = test.engine().open("null:", {.format = {format, options}});
  return std::string(client.status().message());
}

TEST(FormatOptions, AreCheckedWhenAClientIsOpened) {
  const auto added = [](std::string add) {
    FormatOptions options;
    options.add = std::move(add);
    return options;
  };
  EXPECT_THAT(error_of(MessageFormat::kJson, added("lien")),
              HasSubstr("'lien' cannot be added; did you mean 'line'"));
  EXPECT_THAT(error_of(MessageFormat::kJson, added("line,")), HasSubstr("'' cannot be added"));
  EXPECT_THAT(error_of(MessageFormat::kJson, added("line:a b")), HasSubstr("the name 'a b'"));
  EXPECT_THAT(error_of(MessageFormat::kJson, added("line:")), HasSubstr("the name ''"));
  EXPECT_THAT(error_of(MessageFormat::kJson, added("level:severity")), HasSubstr("is taken"));
  EXPECT_THAT(error_of(MessageFormat::kJson, added("line,line")), HasSubstr("is taken"));
  EXPECT_THAT(error_of(MessageFormat::kEcs, added("line")),
              HasSubstr("only json, indented and text"));
  FormatOptions numbers;
  numbers.numbers = true;
  EXPECT_THAT(error_of(MessageFormat::kText, numbers),
              HasSubstr("the format text has no option numbers"));
  FormatOptions pattern;
  pattern.pattern = "%v";
  EXPECT_THAT(error_of(MessageFormat::kGelf, pattern),
              HasSubstr("the format gelf has no option pattern"));
  EXPECT_EQ(error_of(MessageFormat::kJson, added("level,line,line:l2")), "");
}

}  // namespace
}  // namespace metlog
