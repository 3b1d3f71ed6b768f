#include <gtest/gtest.h>
#include <simdjson.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "senders/socket/tcp_stream_sender.h"
#include "senders/socket/unix_datagram_sender.h"
#include "senders/udp/udp_sender.h"
#include "tests/router/decoding.h"
#include "tests/router/envelope.h"
#include "tests/router/rsyslogd.h"
#include "tests/senders/test_batch.h"
#include "tools/router/encode/cef_encoder.h"
#include "tools/router/encode/syslog_encoder.h"

// What a real rsyslogd has understood equals what was sent.

namespace metlog {
namespace {

namespace dom = simdjson::dom;

/// A message and what the receiver must make of it.
struct Sent {
  EnvelopeParts parts;
  std::string text;                           // as it must arrive
  std::map<std::string, std::string> fields;  // the same
};

std::vector<Sent> messages() {
  return {
      {{{"payload", R"("plain")"}}, "plain", {}},
      {{{"payload", R"("two\nlines\r\n<13>forged 100% \u001b[31m")"}},
       "two\\nlines\\r\\n<13>forged 100% \\u001b[31m",
       {}},
      {{{"payload", R"("gr\u00fc\u00dfe \ud83d\ude00 \u2028 \u0000")"}},
       "gr\u00fc\u00dfe \U0001F600 \\u2028 \\u0000",
       {}},
      {{{"payload", "{\"a\": [1, \"b\"]}"}}, R"({"a":[1,"b"]})", {}},
      {{{"payload", R"("with fields")"},
        {"fields", R"({"name":"db.users","rate":0.5,"ok":true,"none":null,"n":9007199254740993,)"
                   R"("tricky":"a\"b\\c]d\n]","list":[1,{"x":"]"}],"k=e ]y\"":"v","\u00e9":"e"})"}},
       "with fields",
       {{"name", "db.users"},
        {"rate", "0.5"},
        {"ok", "true"},
        {"none", "null"},
        {"n", "9007199254740993"},
        {"tricky", "a\"b\\\\c]d\\n]"},
        {"list", R"([1,{"x":"]"}])"},
        {"k_e__y_", "v"},
        {"__", "e"}}},
      {{{"payload", "\"" + std::string(30000, 'x') + "\""}}, std::string(30000, 'x'), {}},
      {{{"payload", "\"\""}}, "", {}},
  };
}

constexpr int kRounds = 20;

class RsyslogdTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(receiver_.is_running()) << "is rsyslogd installed? tools/deps does it";
  }

  /// Sends all messages in turn, some times; all must be taken.
  void send(MessageEncoder& encoder, absl::StatusOr<std::unique_ptr<Sender>> sender) {
    ASSERT_TRUE(sender.ok()) << sender.status();
    for (int round = 0; round < kRounds; ++round) {
      Batch batch(64 * 1024);
      for (const Sent& message : messages()) {
        Decoding decoding;
        ASSERT_EQ(decoding.outcome(envelope(message.parts)), "accepted");
        ASSERT_TRUE(encoder.encode(decoding.message(), batch));
      }
      SendResult result = SendResult::kBusy;
      while ((result = (*sender)->send(batch)) == SendResult::kBusy) std::this_thread::yield();
      if (result == SendResult::kHeld) {
        ASSERT_TRUE((*sender)->flush(std::chrono::seconds(60)));
        ASSERT_EQ((*sender)->take_settled(), &batch);
      }
      expect_all_accounted_for(batch);
      ASSERT_EQ(batch.lost().total(), 0U);
    }
  }

  absl::StatusOr<std::unique_ptr<Sender>> udp() {
    return UdpSender::open(HostAndPort{"127.0.0.1", receiver_.udp_port()}, "udp:");
  }
  absl::StatusOr<std::unique_ptr<Sender>> tcp(StreamFraming framing) {
    return TcpStreamSender::open(
        {{"127.0.0.1", receiver_.tcp_port()}, "tcp:", framing, std::chrono::seconds(60)});
  }
  absl::StatusOr<std::unique_ptr<Sender>> local() {
    return UnixDatagramSender::open({receiver_.socket_path(), std::chrono::seconds(60)});
  }

  /// What arrived must be what was sent, by RFC 5424, in this order.
  void expect_all_5424() {
    const std::vector<Sent> sent = messages();
    const std::vector<std::string> lines = receiver_.wait_for_lines(kRounds * sent.size());
    ASSERT_EQ(lines.size(), kRounds * sent.size());
    for (std::size_t i = 0; i < lines.size(); ++i) expect_5424(lines[i], sent[i % sent.size()]);
  }

  void expect_5424(const std::string& line, const Sent& sent) {
    dom::element got;
    ASSERT_EQ(parser_.parse(line).get(got), simdjson::SUCCESS) << line;
    const auto text = [&](std::string_view key) { return std::string_view(got[key]); };
    EXPECT_EQ(text("msg"), sent.text);
    EXPECT_EQ(text("pri"), "134");
    EXPECT_EQ(text("hostname"), "host");
    EXPECT_EQ(text("app-name"), "app");
    EXPECT_EQ(text("procid"), "123");
    EXPECT_EQ(text("msgid"), "oldstyle");
    std::map<std::string, std::string> fields;
    dom::object element;
    if (got["$!"]["rfc5424-sd"]["metlog@32473"].get(element) == simdjson::SUCCESS) {
      for (const dom::key_value_pair field : element) {
        fields[std::string(field.key)] = std::string_view(field.value);
      }
    }
    EXPECT_EQ(fields, sent.fields);
  }

  Rsyslogd receiver_;
  dom::parser parser_;
};

SyslogOptions local0() {
  SyslogOptions options;
  options.facility = *syslog_facility("local0");
  return options;
}

TEST_F(RsyslogdTest, Reads5424FromTcpWithOctetCounts) {
  Rfc5424Encoder encoder(local0());
  send(encoder, tcp(StreamFraming::kOctetCount));
  expect_all_5424();
}

TEST_F(RsyslogdTest, Reads5424FromTcpWithNewlines) {
  Rfc5424Encoder encoder(local0());
  send(encoder, tcp(StreamFraming::kNewline));
  expect_all_5424();
}

TEST_F(RsyslogdTest, Reads5424FromALocalSocket) {
  Rfc5424Encoder encoder(local0());
  send(encoder, local());
  expect_all_5424();
}

TEST_F(RsyslogdTest, Reads5424FromUdp) {
  // UDP has no flow control, so a message at a time.
  Rfc5424Encoder encoder(local0());
  absl::StatusOr<std::unique_ptr<Sender>> sender = udp();
  ASSERT_TRUE(sender.ok());
  std::size_t count = 0;
  for (const Sent& message : messages()) {
    Decoding decoding;
    ASSERT_EQ(decoding.outcome(envelope(message.parts)), "accepted");
    Batch batch(64 * 1024);
    ASSERT_TRUE(encoder.encode(decoding.message(), batch));
    EXPECT_EQ(send_until_settled(**sender, batch), SendResult::kSent);
    expect_all_accounted_for(batch);
    const std::vector<std::string> lines = receiver_.wait_for_lines(++count);
    ASSERT_EQ(lines.size(), count);
    expect_5424(lines.back(), message);
  }
}

TEST_F(RsyslogdTest, Reads3164AndCef) {
  SyslogOptions options = local0();
  options.app_name = "shop.web";
  options.zone = TimeZone::kUtc;
  Rfc3164Encoder rfc3164(options);
  CefEncoder cef({.zone = TimeZone::kUtc});
  send(rfc3164, tcp(StreamFraming::kOctetCount));
  const std::vector<Sent> sent = messages();
  std::vector<std::string> lines = receiver_.wait_for_lines(kRounds * sent.size());
  ASSERT_EQ(lines.size(), kRounds * sent.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    dom::element got;
    ASSERT_EQ(parser_.parse(lines[i]).get(got), simdjson::SUCCESS) << lines[i];
    EXPECT_EQ(std::string_view(got["msg"]), " " + sent[i % sent.size()].text);
    EXPECT_EQ(std::string_view(got["syslogtag"]), "shop.web[123]:");
    EXPECT_EQ(std::string_view(got["hostname"]), "host");
    EXPECT_EQ(std::string_view(got["pri"]), "134");
  }
  send(cef, tcp(StreamFraming::kOctetCount));
  lines = receiver_.wait_for_lines(2 * kRounds * sent.size());
  ASSERT_EQ(lines.size(), 2 * kRounds * sent.size());
  dom::element got;
  ASSERT_EQ(parser_.parse(lines[kRounds * sent.size() + 4]).get(got), simdjson::SUCCESS);
  EXPECT_EQ(std::string_view(got["pri"]), "166");  // LOCAL4
  const std::string_view raw = got["rawmsg"];
  EXPECT_TRUE(
      raw.starts_with("<166>Jan 18 12:34:56 host CEF:0|metlog|metlog|1|oldstyle|db.users|2|"
                      "rt=1358512496789 dvchost=host dvcpid=123 msg=with fields "
                      "name=db.users rate=0.5"))
      << raw;
}

}  // namespace
}  // namespace metlog
