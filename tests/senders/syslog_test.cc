// syslog: from a client to a real rsyslogd: what it has understood is what was logged.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/make_sender.h"
#include "metlog/metlog.h"
#include "tests/router/rsyslogd.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/without_session.h"

namespace metlog {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

/// What rsyslogd has understood of a message.
struct Received {
  std::map<std::string, std::string> parts;
  std::map<std::string, std::string> fields;
};

Received understood(const std::string& line) {
  Received received;
  simdjson::dom::parser parser;
  simdjson::dom::element got;
  EXPECT_EQ(parser.parse(line).get(got), simdjson::SUCCESS) << line;
  for (const char* const key : {"msg", "pri", "hostname", "app-name", "procid", "msgid"}) {
    std::string_view text;
    EXPECT_EQ(got[key].get(text), simdjson::SUCCESS) << key << " of " << line;
    received.parts[key] = std::string(text);
  }
  simdjson::dom::object element;
  if (got["$!"]["rfc5424-sd"]["metlog@32473"].get(element) == simdjson::SUCCESS) {
    for (const auto& field : element) {
      received.fields[std::string(field.key)] = std::string(std::string_view(field.value));
    }
  }
  return received;
}

class SyslogTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!receiver_.is_running()) GTEST_SKIP() << "is rsyslogd installed? tools/deps does it";
  }

  Client open(const std::string& url) {
    absl::StatusOr<Client> client =
        engine_.open(url, {.logger = "shop", .min_severity = Severity::kTrace});
    EXPECT_TRUE(client.ok()) << client.status();
    return *std::move(client);
  }

  /// Logs what is hard to escape, and checks what arrives.
  void expect_exact(const std::string& url, bool is_one_at_a_time = false) {
    Client log = open(url);
    std::size_t count = 0;
    const auto arrives = [&] {
      EXPECT_TRUE(log.flush(seconds(60)));
      if (is_one_at_a_time) (void)receiver_.wait_for_lines(++count);
    };
    METLOG_WARN(log, "slow \"query\" {}]\n<13>forged \x1b[31m \xff", 7,
                kv("tricky", "a\"b\\c]d\n\x01"), kv("ms", 41.5), kv("ok", true),
                kv("list", std::vector<std::string>{"x", "]"}), kv("k=e ]y\"\xc3\xa9", 1),
                kv("logger", "other"));
    arrives();
    METLOG_EVENT(log, "services", payload("gr\u00fc\u00dfe"), kv("user", "joe"));
    arrives();
    METLOG_TRACE(log, "fine");
    arrives();
    METLOG_INCR(log, "orders", 3);
    arrives();
    METLOG_INFO(log, "{}", std::string(20'000, 'x'));
    arrives();
    const Ledger ledger = log.stats();
    EXPECT_EQ(ledger.emitted, 5U);
    EXPECT_EQ(ledger.sent, 5U);
    const std::vector<std::string> lines = receiver_.wait_for_lines(5);
    ASSERT_EQ(lines.size(), 5U);
    const Received first = understood(lines[0]);
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    const std::map<std::string, std::string> parts = {
        {"msg", "slow \"query\" 7]\\n<13>forged \\u001b[31m \\xff"},
        {"pri", "156"},  // local3, warning
        {"hostname", host},
        {"app-name", "shopd"},
        {"procid", std::to_string(getpid())},
        {"msgid", "oldstyle"}};
    EXPECT_EQ(first.parts, parts);
    std::map<std::string, std::string> fields = first.fields;
    EXPECT_THAT(fields["caller"], HasSubstr("syslog_test.cc:"));
    EXPECT_EQ(fields.erase("caller") + fields.erase("thread"), 2U);
    const std::map<std::string, std::string> expected = {
        {"logger", "shop"},       {"tricky", "a\"b\\\\c]d\\n\\u0001"},
        {"ms", "41.5"},           {"ok", "true"},
        {"list", R"(["x","]"])"}, {"k_e__y___", "1"},
        {"logger_", "other"}};
    EXPECT_EQ(fields, expected);
    EXPECT_EQ(understood(lines[1]).parts["msg"], "gr\u00fc\u00dfe");
    EXPECT_EQ(understood(lines[1]).parts["msgid"], "services");
    EXPECT_EQ(understood(lines[1]).fields["user"], "joe");
    EXPECT_EQ(understood(lines[2]).parts["pri"], "159") << "TRACE is debug";
    EXPECT_EQ(understood(lines[3]).parts["msg"], "orders 3");
    EXPECT_EQ(understood(lines[3]).fields["metric_value"], "3");
    EXPECT_EQ(understood(lines[4]).parts["msg"], std::string(20'000, 'x'));
  }

  std::string options() const { return "?facility=local3&app=shopd"; }
  std::string tcp() const {
    return "syslog+tcp://127.0.0.1:" + std::to_string(receiver_.tcp_port()) + options();
  }

  Rsyslogd receiver_;
  Engine engine_{without_session()};
};

TEST_F(SyslogTest, ReachesALocalSocket) {
  expect_exact("syslog:" + receiver_.socket_path() + options());
}

TEST_F(SyslogTest, ReachesAPortOfUdp) {
  // UDP has no flow control, so a message at a time.
  expect_exact("syslog://127.0.0.1:" + std::to_string(receiver_.udp_port()) + options(), true);
}

TEST_F(SyslogTest, ReachesAPortOfTcpWithOctetCounts) { expect_exact(tcp()); }

TEST_F(SyslogTest, ReachesAPortOfTcpWithNewlines) { expect_exact(tcp() + "&framing=newline"); }

TEST_F(SyslogTest, WaitsForALocalReceiverThatDiesAndComesBack) {
  Client log = open("syslog:" + receiver_.socket_path() + "?hold_ms=60000");
  METLOG_INFO(log, "before");
  ASSERT_TRUE(log.flush(seconds(60)));
  ASSERT_EQ(receiver_.wait_for_lines(1).size(), 1U);
  receiver_.kill();
  for (int i = 0; i < 100; ++i) METLOG_INFO(log, "while it is away {}", i);
  receiver_.restart();
  ASSERT_TRUE(receiver_.is_running());
  METLOG_INFO(log, "after");
  EXPECT_TRUE(log.flush(seconds(60)));
  const Ledger ledger = log.stats();
  EXPECT_EQ(ledger.emitted, 102U);
  EXPECT_EQ(ledger.sent, 102U);
  const std::vector<std::string> lines = receiver_.wait_for_lines(102);
  ASSERT_EQ(lines.size(), 102U);
  EXPECT_EQ(understood(lines[1]).parts["msg"], "while it is away 0");
  EXPECT_EQ(understood(lines[101]).parts["msg"], "after");
}

TEST_F(SyslogTest, TellsTheReceiverWhatItHasLost) {
  Client log = open("syslog:" + receiver_.socket_path() + "?hold_ms=0&max_datagram=2000");
  METLOG_INFO(log, "{}", std::string(3000, 'x'));
  METLOG_INFO(log, "short");
  EXPECT_TRUE(log.flush(seconds(60)));
  const Ledger ledger = log.stats();
  EXPECT_EQ(ledger.emitted, 2U);
  EXPECT_EQ(ledger.sent, 1U);
  EXPECT_EQ(ledger.lost[LossReason::kTooLong], 1U);
  ASSERT_EQ(receiver_.wait_for_lines(2).size(), 2U) << "the report of the loss is there, too";
  receiver_.kill();
  for (int i = 0; i < 10; ++i) METLOG_INFO(log, "nobody reads it");
  log.flush(seconds(60));
  EXPECT_EQ(log.stats().lost[LossReason::kNoReceiver], 10U);
  EXPECT_EQ(log.stats().unexplained(), 0);
  receiver_.restart();
  ASSERT_TRUE(receiver_.is_running());
  METLOG_INFO(log, "again");
  EXPECT_TRUE(log.close(seconds(60)).handover != Handover::kNone);
  const Ledger last = log.stats();
  EXPECT_EQ(last.emitted, last.sent + last.lost.total());
  std::uint64_t told = 0;
  for (const std::string& line : receiver_.wait_for_lines(last.sent + last.marks)) {
    Received received = understood(line);
    if (received.parts["msgid"] == "metlog.loss") told += std::stoull(received.fields["count"]);
  }
  EXPECT_EQ(told, 11U);
}

/// RFC 3164, as every reader of syslog reads it.
class OldSyslogTest : public SyslogTest {
 protected:
  /// Logs what is hard to escape in a line, and checks what arrives.
  void expect_exact_lines(const std::string& url) {
    Client log = open(url + "?rfc=3164&facility=local3&app=shopd");
    METLOG_WARN(log, "slow \"query\" {}: \\ \n<13>forged \x1b[31m \xff", 7, kv("user", "two words"),
                kv("ms", 41.5));
    METLOG_EVENT(log, "services", payload("gr\u00fc\u00dfe"));
    METLOG_TRACE(log, "fine");
    METLOG_INCR(log, "orders", 3);
    EXPECT_TRUE(log.close(seconds(60)).handover != Handover::kNone);
    EXPECT_EQ(log.stats().emitted, 4U);
    EXPECT_EQ(log.stats().sent, 4U);
    const std::vector<std::string> lines = receiver_.wait_for_lines(4);
    ASSERT_EQ(lines.size(), 4U);
    const Received first = understood(lines[0]);
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    const std::map<std::string, std::string> parts = {
        {"msg",
         " slow \"query\" 7: \\\\ \\n<13>forged \\u001b[31m \\xff user=\"two words\" ms=41.5"},
        {"pri", "156"},  // local3, warning
        {"hostname", host},
        {"app-name", "shopd"},
        {"procid", std::to_string(getpid())},
        {"msgid", "-"}};
    EXPECT_EQ(first.parts, parts);
    EXPECT_EQ(understood(lines[1]).parts.at("msg"), " services gr\u00fc\u00dfe");
    EXPECT_EQ(understood(lines[2]).parts.at("pri"), "159") << "TRACE is debug";
    EXPECT_EQ(understood(lines[3]).parts.at("msg"), " counter orders 3");
  }
};

TEST_F(OldSyslogTest, ReachesDevLogAsSyslog3Does) {
  expect_exact_lines("syslog:" + receiver_.dev_log_path());
}

TEST_F(OldSyslogTest, ReachesAPortOfUdp) {
  expect_exact_lines("syslog://127.0.0.1:" + std::to_string(receiver_.udp_port()));
}

TEST_F(OldSyslogTest, ReachesAPortOfTcp) {
  expect_exact_lines("syslog+tcp://127.0.0.1:" + std::to_string(receiver_.tcp_port()));
}

std::string error_of(const std::string& url, ClientOptions options = {}) {
  Engine engine(without_session());
  const absl::StatusOr<Client> client = engine.open(url, std::move(options));
  EXPECT_EQ(client.status().code(), absl::StatusCode::kInvalidArgument) << url;
  return std::string(client.status().message());
}

TEST(SyslogUrl, SaysWhatIsWrong) {
  EXPECT_THAT(error_of("syslog:?facility=local9"), HasSubstr("facility='local9' takes KERN"));
  EXPECT_THAT(error_of("syslog:?app=a%20b"), HasSubstr("app='a b'"));
  EXPECT_THAT(error_of("syslog:?sd_id=x"), HasSubstr("NAME@ENTERPRISE_NUMBER"));
  EXPECT_THAT(error_of("syslog:?rfc=3195"), HasSubstr("rfc='3195' takes 5424, 3164"));
  EXPECT_THAT(error_of("syslog:?rfc=3164&sd_id=a@1"), HasSubstr("leave out sd_id, or rfc=3164"));
  EXPECT_THAT(error_of("syslog:?rfc=3164&app=" + std::string(33, 'a')), HasSubstr("32 bytes"));
  EXPECT_THAT(error_of("file:x?rfc=3164&format=logfmt"), HasSubstr("no option rfc"));
  EXPECT_THAT(error_of("syslog:log"), HasSubstr("syslog:/dev/log"));
  EXPECT_THAT(error_of("syslog:/" + std::string(200, 'p')), HasSubstr("bytes"));
  EXPECT_THAT(error_of("syslog://h?framing=newline"), HasSubstr("takes max_datagram, sndbuf"));
  EXPECT_THAT(error_of("syslog://h:0"), HasSubstr("port '0'"));
  EXPECT_THAT(error_of("syslog+tcp://h?framing=lines"), HasSubstr("octet-count, newline"));
  EXPECT_THAT(error_of("syslog+tcp:"), HasSubstr("lacks a host"));
  EXPECT_THAT(error_of("syslog:?format=json"), HasSubstr("leave out format=json"));
  EXPECT_THAT(error_of("file:x?facility=daemon&format=logfmt"), HasSubstr("facility"));
  const auto as_is = [](const Message&, std::string_view envelope) {
    return std::string(envelope);
  };
  EXPECT_THAT(error_of("syslog:", {.format = as_is}), HasSubstr("a formatter function"));
}

TEST(SyslogUrl, HasTheFormatOfItsReceiver) {
  const TempDir directory;
  Engine engine(without_session());
  for (const MessageFormat format :
       {MessageFormat::kJson, MessageFormat::kPattern, MessageFormat::kSyslog}) {
    EXPECT_TRUE(engine.open("syslog:" + directory.file("log"), {.format = format}).ok());
  }
  EXPECT_TRUE(engine.open("syslog:" + directory.file("log") + "?format=syslog").ok());
}

TEST(SyslogUrl, IsThatOfTheSender) {
  for (const char* const url : {"syslog:", "syslog:/run/log?hold_ms=0", "syslog://127.0.0.1",
                                "syslog://[::1]:1514?max_datagram=2048", "syslog+tcp://127.0.0.1",
                                "syslog+tcp://127.0.0.1:601?framing=newline"}) {
    const auto sender = make_sender(url);
    ASSERT_TRUE(sender.ok()) << url << ": " << sender.status();
    EXPECT_EQ((*sender)->url(), url);
  }
}

}  // namespace
}  // namespace metlog
