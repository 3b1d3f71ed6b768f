// logfmt, ecs, gelf and otel through the engine: what their readers get.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <map>
#include <string>
#include <vector>

#include "metlog/context.h"
#include "metlog/trace_context.h"
#include "tests/support/fake_clock.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

TestEngineOptions in(MessageFormat format) {
  return {.client = {.logger = "shop", .format = format}};
}

std::string tid() { return std::to_string(syscall(SYS_gettid)); }

/// The messages of calls of every kind.
std::vector<std::string> all_kinds(MessageFormat format) {
  TestEngine test(in(format));
  METLOG_WARN(test.log(), "slow \"query\" {}", 7, kv("table", "two words"), kv("ms", 41.5),
              kv("ok", true), kv("ids", std::vector<int>{1, 2}));
  METLOG_EVENT(test.log(), "services", payload("foo"), kv("user.id", 25));
  METLOG_EVENT(test.log(), "nested", payload(std::map<std::string, int>{{"a", 1}}));
  METLOG_EVENT(test.log(), "empty");
  METLOG_INCR(test.log(), "orders", 3);
  METLOG_INFO(test.log(), "plain");
  test.log().metlog("by {}", {.fields = {{"list", ValueList{1, "b", nullptr}}, {"none", nullptr}}});
  METLOG_ERROR(test.log(), "");
  std::vector<std::string> messages = test.settle();
  return messages;
}

/// Parses each message, and checks that it is one line of valid JSON without repeated keys.
void expect_json(const std::vector<std::string>& messages) {
  simdjson::dom::parser parser;
  for (const std::string& message : messages) {
    EXPECT_EQ(message.find('\n'), std::string::npos);
    simdjson::dom::object object;
    ASSERT_EQ(parser.parse(simdjson::padded_string(message)).get(object), simdjson::SUCCESS)
        << message;
    std::map<std::string_view, int> keys;
    for (const auto& member : object) ++keys[member.key];
    for (const auto& [key, count] : keys) EXPECT_EQ(count, 1) << key << " in " << message;
  }
}

TEST(Logfmt, IsOneLineOfKeysAndValues) {
  const std::vector<std::string> lines = all_kinds(MessageFormat::kLogfmt);
  EXPECT_THAT(lines[0], MatchesRegex("time=2013-01-18T12:34:56.789012Z level=warning logger=shop "
                                     "caller=structured_formats_test.cc:[0-9]+ thread=" +
                                     tid() +
                                     " msg=\"slow \\\\\"query\\\\\" 7\" table=\"two words\" "
                                     "ms=41.5 ok=true ids=\\[1,2\\]"));
  EXPECT_THAT(lines[1], HasSubstr(" type=services "));
  EXPECT_THAT(lines[1], EndsWith(" msg=\"foo\" user.id=25"));
  EXPECT_THAT(lines[2], EndsWith(" msg=\"{\\\"a\\\":1}\""));
  EXPECT_THAT(lines[3], EndsWith(" msg=\"empty\""));
  EXPECT_THAT(lines[4], EndsWith(" msg=\"orders 3\" name=orders metric_value=3"));
  EXPECT_THAT(lines[5], EndsWith(" msg=\"plain\""));
  EXPECT_THAT(lines[6], EndsWith(" list=\"[1,\\\"b\\\",null]\" none=null"));
  EXPECT_THAT(lines[7], EndsWith(" msg=\"\""));
}

TEST(Logfmt, CannotBeForged) {
  TestEngine test(in(MessageFormat::kLogfmt));
  METLOG_INFO(test.log(), "a\" level=error msg=\"b\n{}", "c\\\"");
  METLOG_INFO(test.log(), "x", kv("level", "error"), kv("a b=c\n\"", 1), kv("msg", "y z"));
  const std::vector<std::string> lines = test.settle();
  EXPECT_THAT(lines[0], EndsWith(" msg=\"a\\\" level=error msg=\\\"b\\nc\\\\\\\"\""));
  EXPECT_THAT(lines[1], EndsWith(" msg=\"x\" level_=error a_b_c__=1 msg_=\"y z\""));
}

TEST(Ecs, HasTheNamesOfTheSchema) {
  const std::vector<std::string> messages = all_kinds(MessageFormat::kEcs);
  expect_json(messages);
  EXPECT_THAT(messages[0],
              StartsWith("{\"@timestamp\":\"2013-01-18T12:34:56.789012Z\",\"log.level\":"
                         "\"warning\",\"ecs.version\":\"8.11.0\",\"log.logger\":\"shop\","));
  EXPECT_THAT(messages[0], HasSubstr("\"process.thread.id\":" + tid() + ","));
  EXPECT_THAT(messages[0], HasSubstr("\"log.origin.file.name\":\"" __FILE__ "\","));
  EXPECT_THAT(messages[0],
              EndsWith(",\"message\":\"slow \\\"query\\\" 7\",\"labels\":{\"table\":\"two words\","
                       "\"ms\":41.5,\"ok\":true,\"ids\":\"[1,2]\"}}"));
  EXPECT_THAT(messages[1], HasSubstr("\"event.action\":\"services\""));
  EXPECT_THAT(messages[1], EndsWith(",\"message\":\"foo\",\"labels\":{\"user_id\":25}}"));
  EXPECT_THAT(messages[2], EndsWith(",\"message\":\"{\\\"a\\\":1}\"}"));
  EXPECT_THAT(messages[4], EndsWith(",\"message\":\"orders 3\",\"labels\":{\"name\":\"orders\","
                                    "\"metric_value\":3}}"));
  EXPECT_THAT(messages[5], EndsWith(",\"message\":\"plain\"}"));
  EXPECT_THAT(messages[6], EndsWith("\"labels\":{\"list\":\"[1,\\\"b\\\",null]\",\"none\":null}}"));
}

TEST(Gelf, HasStringsAndNumbersOnly) {
  const std::vector<std::string> messages = all_kinds(MessageFormat::kGelf);
  expect_json(messages);
  EXPECT_THAT(messages[0], StartsWith("{\"timestamp\":1358512496.789012,\"level\":4,\"host\":"
                                      "\"host.example\",\"_logger\":\"shop\","));
  EXPECT_THAT(messages[0],
              EndsWith(",\"short_message\":\"slow \\\"query\\\" 7\",\"_table\":\"two words\","
                       "\"_ms\":41.5,\"_ok\":\"true\",\"_ids\":\"[1,2]\",\"version\":\"1.1\"}"));
  EXPECT_THAT(messages[1], EndsWith("\"_user.id\":25,\"version\":\"1.1\"}"));
  EXPECT_THAT(messages[6], EndsWith("\"_none\":\"null\",\"version\":\"1.1\"}"));
  EXPECT_THAT(messages[7], HasSubstr("\"short_message\":\"-\"")) << "Graylog refuses an empty one";
}

TEST(Gelf, RenamesFieldsThatItCannotHave) {
  TestEngine test(in(MessageFormat::kGelf));
  METLOG_INFO(test.log(), "x", kv("id", 1), kv("file", "f"), kv("a b/c", 2));
  const std::vector<std::string> messages = test.settle();
  expect_json(messages);
  EXPECT_THAT(messages[0], HasSubstr("\"_id_\":1,\"_file_\":\"f\",\"_a_b_c\":2,"));
}

TEST(Otel, IsOneRecordOfOtlp) {
  const std::vector<std::string> messages = all_kinds(MessageFormat::kOtel);
  expect_json(messages);
  EXPECT_THAT(messages[0],
              StartsWith("{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\":"
                         "\"1358512496789012000\",\"severityNumber\":13,\"severityText\":\"WARN\","
                         "\"body\":{\"stringValue\":\"slow \\\"query\\\" 7\"},\"attributes\":["
                         "{\"key\":\"table\",\"value\":{\"stringValue\":\"two words\"}},"
                         "{\"key\":\"ms\",\"value\":{\"doubleValue\":41.5}},"
                         "{\"key\":\"ok\",\"value\":{\"boolValue\":true}},"
                         "{\"key\":\"ids\",\"value\":{\"arrayValue\":{\"values\":["
                         "{\"intValue\":\"1\"},{\"intValue\":\"2\"}]}}},"
                         "{\"key\":\"thread.id\",\"value\":{\"intValue\":\"" +
                         tid() + "\"}},"));
  EXPECT_THAT(messages[0], HasSubstr("\"scope\":{\"name\":\"shop\"}"));
  EXPECT_THAT(messages[0], HasSubstr("{\"key\":\"host.name\",\"value\":{\"stringValue\":"
                                     "\"host.example\"}}"));
  EXPECT_THAT(messages[1], HasSubstr("\"eventName\":\"services\""));
  EXPECT_THAT(messages[4], HasSubstr("{\"key\":\"metric_value\",\"value\":{\"intValue\":\"3\"}}"));
  EXPECT_THAT(messages[6], HasSubstr("[{\"intValue\":\"1\"},{\"stringValue\":\"b\"},{}]"));
}

TEST(Otel, HasTheTraceOfTheContext) {
  const auto trace = parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  ASSERT_TRUE(trace.ok());
  for (const MessageFormat format : {MessageFormat::kOtel, MessageFormat::kEcs}) {
    TestEngine test(in(format));
    {
      const ScopedTrace scope(*trace);
      METLOG_INFO(test.log(), "inside");
    }
    METLOG_INFO(test.log(), "outside");
    const std::vector<std::string> messages = test.settle();
    expect_json(messages);
    const bool is_otel = format == MessageFormat::kOtel;
    EXPECT_THAT(messages[0], HasSubstr(is_otel ? "\"traceId\":\"4bf92f3577b34da6a3ce929d0e0e4736\","
                                                 "\"spanId\":\"00f067aa0ba902b7\""
                                               : "\"trace.id\":\"4bf92f3577b34da6a3ce929d0e0e4736\""
                                                 ",\"span.id\":\"00f067aa0ba902b7\""));
    EXPECT_THAT(messages[1], Not(HasSubstr(is_otel ? "traceId" : "trace.id")));
  }
}

TEST(Syslog, HasTheFieldsAsStructuredData) {
  const std::vector<std::string> lines = all_kinds(MessageFormat::kSyslog);
  const std::string begin =
      "2013-01-18T12:34:56.789012Z host.example formats_test 4242 oldstyle "
      "\\[metlog@32473 logger=\"shop\" caller=\"structured_formats_test.cc:[0-9]+\" thread=\"" +
      tid() + "\"";
  EXPECT_THAT(lines[0], MatchesRegex("<12>1 " + begin +
                                     " table=\"two words\" ms=\"41.5\" "
                                     "ok=\"true\" ids=\"\\[1,2\\\\\\]\"\\] slow \"query\" 7"));
  EXPECT_THAT(lines[1], HasSubstr(" 4242 services [metlog@32473 logger=\"shop\" "));
  EXPECT_THAT(lines[1], EndsWith(" user.id=\"25\"] foo"));
  EXPECT_THAT(lines[2], EndsWith("\"] {\"a\":1}"));
  EXPECT_THAT(lines[3], EndsWith("\"] empty"));
  EXPECT_THAT(lines[4], EndsWith(" name=\"orders\" metric_value=\"3\"] orders 3"));
  EXPECT_THAT(lines[6], EndsWith(" list=\"[1,\\\"b\\\",null\\]\" none=\"null\"] by {}"));
  EXPECT_THAT(lines[7], EndsWith("\"] "));
  EXPECT_THAT(lines[7], StartsWith("<11>1 "));
}

TEST(Syslog, CannotBeForged) {
  TestEngineOptions options = in(MessageFormat::kSyslog);
  options.client.logger = "a\"] <13>\n";
  options.client.format = Formatter(MessageFormat::kSyslog, {.facility = 16, .app = "shop"});
  TestEngine test(std::move(options));
  METLOG_INFO(test.log(), "a]\n{}", "<13>1", kv("caller", "x"), kv("a b=c\n\"]", "\"]\\\n"),
              kv("kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", 1));
  {
    const ScopedContext context({{"word", "a]b"}, {"words", "a \"b\\ ]\n"}});
    METLOG_INFO(test.log(), "in a context");
  }
  const std::vector<std::string> lines = test.settle();
  EXPECT_THAT(lines[0], StartsWith("<134>1 "));
  EXPECT_THAT(lines[0], HasSubstr(" host.example shop 4242 oldstyle [metlog@32473 "
                                  "logger=\"a\\\"\\] <13>\\\\n\" "));
  EXPECT_THAT(lines[0], EndsWith(" caller_=\"x\" a_b_c___=\"\\\"\\]\\\\\\\\\\\\n\" " +
                                 std::string(32, 'k') + "=\"1\"] a]\\n<13>1"));
  EXPECT_THAT(lines[1],
              EndsWith(" word=\"a\\]b\" words=\"a \\\"b\\\\\\\\ \\]\\\\n\"] in a context"));
}

TEST(Syslog, HasTheTraceAsAnElement) {
  const auto trace = parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  ASSERT_TRUE(trace.ok());
  for (const bool is_changed : {false, true}) {
    TestEngineOptions options = in(MessageFormat::kSyslog);
    if (is_changed) {
      options.client.filters = {Filter("changes", [](Message& message) {
        message.set_severity(message.severity());
        return true;
      })};
    }
    TestEngine test(std::move(options));
    {
      const ScopedTrace scope(*trace);
      METLOG_INFO(test.log(), "inside");
    }
    EXPECT_THAT(test.settle().at(0),
                EndsWith("\"][opentelemetry trace_id=\"4bf92f3577b34da6a3ce929d0e0e4736\" "
                         "span_id=\"00f067aa0ba902b7\"] inside"));
  }
}

TEST(StructuredFormats, AreTheSameWhenAFilterHasChangedTheMessage) {
  for (const MessageFormat format :
       {MessageFormat::kLogfmt, MessageFormat::kEcs, MessageFormat::kGelf, MessageFormat::kOtel,
        MessageFormat::kSyslog, MessageFormat::kJournal}) {
    std::vector<std::string> both;
    for (const bool is_changed : {false, true}) {
      TestEngineOptions options = in(format);
      if (is_changed) {
        options.client.filters = {Filter("changes", [](Message& message) {
          message.set_severity(message.severity());
          return true;
        })};
      }
      TestEngine test(std::move(options));
      const auto call = [&] {
        METLOG_WARN(test.log(), "a \"b\" {}", 7, kv("t", "x y"), kv("r", 1.5),
                    kv("l", std::vector<int>{1}), kv("m", "f()\n\"g\"\t\\"));
        METLOG_EVENT(test.log(), "event", payload("p"));
        METLOG_EVENT(test.log(), "event");
        METLOG_INCR(test.log(), "n", 2);
      };
      call();
      for (const std::string& message : test.settle()) both.push_back(message);
    }
    ASSERT_EQ(both.size(), 8U);
    for (std::size_t i = 0; i < 4; ++i) {
      // A counter's rate of 1 is a field of messages as filters see them.
      std::string changed = both[i + 4];
      for (const std::string_view rate :
           {" rate=1.0", " rate=\"1.0\"", "\nRATE=1.0", ",\"rate\":1.0", "\"_rate\":1.0,",
            "{\"key\":\"rate\",\"value\":{\"doubleValue\":1.0}},"}) {
        const std::size_t at = changed.find(rate);
        if (i == 3 && at != std::string::npos) changed.erase(at, rate.size());
      }
      EXPECT_EQ(both[i].size(), changed.size()) << both[i] << '\n' << changed;
      if (i != 3) {
        EXPECT_EQ(both[i], changed);
      }
    }
  }
}

TEST(StructuredFormats, HaveMessagesOfTheEngine) {
  for (const MessageFormat format :
       {MessageFormat::kPattern, MessageFormat::kLogfmt, MessageFormat::kEcs, MessageFormat::kGelf,
        MessageFormat::kOtel, MessageFormat::kSyslog, MessageFormat::kJournal}) {
    TestEngineOptions options = in(format);
    options.engine.ring_bytes = 4096;
    TestEngine test(std::move(options));
    for (int i = 0; i < 200; ++i) METLOG_INFO(test.log(), "message {}", i);
    test.settle();
    METLOG_INFO(test.log(), "there is room again");
    const std::vector<std::string> messages = test.settle();
    const auto loss = std::find_if(messages.begin(), messages.end(), [](const std::string& text) {
      return text.find("metlog.loss") != std::string::npos;
    });
    ASSERT_NE(loss, messages.end()) << messages.front() << '\n' << messages.back();
    EXPECT_THAT(*loss, HasSubstr("ring_full"));
    const bool is_json = format >= MessageFormat::kEcs && format <= MessageFormat::kOtel;
    if (is_json) expect_json({*loss});
  }
}

}  // namespace
}  // namespace metlog
