// The reference's sender classes by name: what their constructors take.

#include <gmock/gmock.h>

#include <string>

#include "metlog/providers.h"
#include "senders/reference/reference_senders.h"
#include "senders/sender/null_sender.h"
#include "senders/udp/udp_fan_out.h"
#include "senders/udp/udp_sender.h"
#include "tests/senders/receiver.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

using testing::ElementsAre;

/// The URL of the sender that the class makes, or the error.
std::string url_of(std::string_view name, const Arguments& arguments) {
  const absl::StatusOr<SenderSpec> plan = plan_sender(name, arguments);
  if (!plan.ok()) return std::string(plan.status().message());
  const auto sender = plan->connect();
  return sender.ok() ? std::string((*sender)->url()) : std::string(sender.status().message());
}

TEST(ReferenceSenders, UdpPairsHostsWithPorts) {
  const auto url = [](const Value& host, const Value& port) {
    const auto settings = read_udp({{}, {{"host", host}, {"port", port}}});
    return settings.ok() ? settings->url() : std::string(settings.status().message());
  };
  EXPECT_EQ(url("127.0.0.1", 5565), "udp://127.0.0.1:5565?late=1");
  EXPECT_EQ(url("127.0.0.1", "5565"), "udp://127.0.0.1:5565?late=1");
  EXPECT_EQ(url(ValueList{"127.0.0.1", "::1", "c"}, ValueList{1, 2}),
            "udp://127.0.0.1:1,[::1]:2,c:2?late=1");
  EXPECT_EQ(url("[::1]", 1), "udp://[::1]:1?late=1");
  EXPECT_EQ(url("127.0.0.1", ValueList{1, 2, 3}), "udp://127.0.0.1:1?late=1");
  EXPECT_EQ(url("127.0.0.1", ValueList{}), "port takes at least one port, not []");
  EXPECT_EQ(url("127.0.0.1", 70000), "port takes a whole number, 1 to 65535, not 70000");
  EXPECT_EQ(url("127.0.0.1", "syslog"), "port takes a whole number, 1 to 65535, not \"syslog\"");
  EXPECT_EQ(url("a,b", 1), "host takes a host's name or address, not \"a,b\"");
}

TEST(ReferenceSenders, UdpTakesAHostThatIsNotKnownYet) {
  const Receiver one;
  const auto plan = [&](const char* host) {
    return plan_sender("metlog.senders.UdpSender", {{}, {{"host", host}, {"port", one.port()}}});
  };
  const auto known = plan("127.0.0.1")->connect().value();
  EXPECT_NE(dynamic_cast<UdpSender*>(known.get()), nullptr);
  const auto unknown = plan("no-such-host.invalid")->connect().value();
  Batch batch = batch_of({"a"});
  EXPECT_EQ(send_until_settled(*unknown, batch), SendResult::kSent);
  EXPECT_EQ(batch.lost()[LossReason::kRefused], 1U);
}

TEST(ReferenceSenders, NameWhatTheirConstructorsDoNotTake) {
  EXPECT_EQ(url_of("metlog.senders.UdpSender", {{"127.0.0.1", 1}, {{"bogus", 1}}}),
            "metlog.senders.UdpSender: UdpSender takes (host, port); it knows no 'bogus'");
  EXPECT_EQ(url_of("metlog.senders.udp.UdpSender", {{}, {{"host", "127.0.0.1"}}}),
            "metlog.senders.udp.UdpSender: UdpSender takes (host, port); 'port' is missing");
  EXPECT_EQ(url_of("metlog.senders.NoSendSender", {{1}, {}}),
            "metlog.senders.NoSendSender: NoSendSender takes (); 1 arguments are given");
}

TEST(ReferenceSenders, MakeTheSendersOfUrls) {
  const TempDir dir;
  EXPECT_EQ(url_of("metlog.senders.dev.StdoutSender", {}), "stdout:");
  EXPECT_EQ(url_of("metlog.senders.StreamSender", {{"stderr"}, {}}), "stderr:");
  EXPECT_EQ(url_of("metlog.senders.FileSender", {{dir.file("100%?.log")}, {}}),
            "file://" + dir.file("100%25%3F.log"));
  EXPECT_EQ(url_of("metlog.senders.dev:FileSender", {{}, {{"filepath", dir.file("x.log")}}}),
            "file://" + dir.file("x.log"));
  EXPECT_EQ(url_of("metlog.senders.NoSendSender", {}), "nosend:");
  EXPECT_FALSE(plan_sender("metlog.senders.NoSendSender", {})->is_active);
}

TEST(ReferenceSenders, DebugCaptureKeepsKeywordsAndTheNewestHundred) {
  const auto plan = plan_sender("metlog.senders.DebugCaptureSender", {{}, {{"foo", 1}}});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(*plan->capture->option("foo"), Value(1));
  EXPECT_EQ(plan->capture->option("bar"), nullptr);
  const auto sender = plan->make().value();
  Batch batch = batch_of(numbered_messages(150, 8));
  EXPECT_EQ(sender->send(batch), SendResult::kSent);
  EXPECT_EQ(batch.sent_count(), 150U);
  ASSERT_EQ(plan->capture->messages().size(), 100U);
  EXPECT_EQ(plan->capture->messages().front().substr(0, 3), "50:");
}

TEST(UdpFanOut, SendsEveryMessageToEveryDestination) {
  const Receiver one;
  const Receiver two;
  const std::string url =
      "udp://127.0.0.1:" + std::to_string(one.port()) + ",127.0.0.1:" + std::to_string(two.port());
  const auto sender = UdpFanOut::open(*parse_url(url)).value();
  Batch batch = batch_of({"a", std::string(65508, 'b'), "c"});
  EXPECT_EQ(send_until_settled(*sender, batch), SendResult::kSent);
  EXPECT_THAT(one.receive(2), ElementsAre("a", "c"));
  EXPECT_THAT(two.receive(2), ElementsAre("a", "c"));
  EXPECT_EQ(batch.sent_count(), 2U);
  EXPECT_EQ(batch.lost()[LossReason::kTooLong], 1U);
  expect_all_accounted_for(batch);
}

TEST(UdpFanOut, SendsToTheOthersWhenOneHostIsUnknown) {
  const Receiver one;
  const std::string url = "udp://no-such-host.invalid:1,127.0.0.1:" + std::to_string(one.port());
  EXPECT_FALSE(UdpFanOut::open(*parse_url(url)).ok());
  const auto sender = UdpFanOut::open(*parse_url(url + "?late=1")).value();
  Batch batch = batch_of({"a", "b"});
  EXPECT_EQ(send_until_settled(*sender, batch), SendResult::kSent);
  EXPECT_THAT(one.receive(2), ElementsAre("a", "b"));
  EXPECT_EQ(batch.lost()[LossReason::kRefused], 2U);
  expect_all_accounted_for(batch);
}

TEST(NoSendSender, SaysOfEveryMessageThatItWasNotSent) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const UniqueFd reader(ends[0]);
  const UniqueFd writer(ends[1]);
  NoSendSender sender(writer.get());
  Batch batch = batch_of({"{\"a\":1}", "{}"});
  EXPECT_EQ(sender.send(batch), SendResult::kSent);
  EXPECT_EQ(batch.lost()[LossReason::kRefused], 2U);
  expect_all_accounted_for(batch);
  char text[200] = {};
  ASSERT_GT(::read(reader.get(), text, sizeof text - 1), 0);
  EXPECT_STREQ(text,
               "Error sending message (NotImplementedError()): [{\"a\":1}]"
               "Error sending message (NotImplementedError()): [{}]");
}

TEST(NoSendSender, DoesNotWaitForAReader) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const UniqueFd reader(ends[0]);
  const UniqueFd writer(ends[1]);
  NoSendSender sender(writer.get());
  Batch batch = batch_of(numbered_messages(10, 60'000));
  EXPECT_EQ(sender.send(batch), SendResult::kSent) << "a pipe holds 64 KiB";
  expect_all_accounted_for(batch);
}

}  // namespace
}  // namespace metlog
