#include "senders/udp/udp_sender.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstdlib>

#include "tests/senders/receiver.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::unique_ptr<Sender> open_udp(const std::string& url) {
  auto sender = UdpSender::open(*parse_url(url));
  if (!sender.ok()) ADD_FAILURE() << sender.status();
  return sender.ok() ? *std::move(sender) : nullptr;
}

/// Where the next socket will be found, to be given a smaller path than loopback's.
int lowest_free_descriptor() {
  const UniqueFd probe(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  return probe.get();
}

TEST(UdpSender, SendsADatagramAMessage) {
  const Receiver receiver;
  const auto sender = open_udp(receiver.url());
  const auto messages = numbered_messages(200, 120);  // more than one system call takes
  Batch batch = batch_of(messages);
  EXPECT_EQ(send_until_settled(*sender, batch), SendResult::kSent);
  EXPECT_EQ(receiver.receive(200), messages);
  EXPECT_TRUE(sender->flush(std::chrono::nanoseconds(0)));
  EXPECT_EQ(batch.sent_count(), 200U);
  expect_all_accounted_for(batch);
}

TEST(UdpSender, CountsADatagramOverTheLimitAndSendsTheNext) {
  const Receiver receiver;
  const auto sender = open_udp(receiver.url("?max_datagram=5"));
  Batch batch = batch_of({"123456", "12345", "1234567", "x", "123456"});
  EXPECT_EQ(send_until_settled(*sender, batch), SendResult::kSent);
  EXPECT_THAT(receiver.receive(2), ElementsAre("12345", "x"));
  EXPECT_FALSE(receiver.has_more());
  EXPECT_EQ(batch.lost()[LossReason::kTooLong], 3U);
  expect_all_accounted_for(batch);
}

TEST(UdpSender, SendsTheLongestDatagramThereIs) {
  const Receiver receiver;
  const auto sender = open_udp(receiver.url());
  Batch batch = batch_of({std::string(65507, 'a'), std::string(65508, 'b'), "c"});
  EXPECT_EQ(send_until_settled(*sender, batch), SendResult::kSent);
  EXPECT_THAT(receiver.receive(2), ElementsAre(std::string(65507, 'a'), "c"));
  EXPECT_EQ(batch.lost()[LossReason::kTooLong], 1U);
  expect_all_accounted_for(batch);
}

TEST(UdpSender, CountsAsTooLongWhatTheKernelRefusesForItsSize) {
  const Receiver receiver(AF_INET6);
  if (receiver.port() == 0) GTEST_SKIP() << "no IPv6 here";
  const int its_socket = lowest_free_descriptor();
  const auto sender = open_udp("udp://[::1]:" + std::to_string(receiver.port()));
  const int mtu = 1280;
  const int on = 1;
  ASSERT_EQ(::setsockopt(its_socket, IPPROTO_IPV6, IPV6_MTU, &mtu, sizeof mtu), 0);
  ASSERT_EQ(::setsockopt(its_socket, IPPROTO_IPV6, IPV6_DONTFRAG, &on, sizeof on), 0);
  Batch batch = batch_of({"a", std::string(3000, 'b'), "c"});
  EXPECT_EQ(send_until_settled(*sender, batch), SendResult::kSent);
  EXPECT_THAT(receiver.receive(2), ElementsAre("a", "c"));
  EXPECT_EQ(batch.lost()[LossReason::kTooLong], 1U);
  expect_all_accounted_for(batch);
}

TEST(UdpSender, CountsWhatAClosedPortRefusesUntilItIsOpenAgain) {
  auto receiver = std::make_unique<Receiver>();
  const int port = receiver->port();
  const auto sender = open_udp(receiver->url());
  receiver.reset();
  for (int round = 0; round < 20; ++round) {
    Batch batch = batch_of(numbered_messages(3, 50));
    EXPECT_EQ(send_until_settled(*sender, batch), SendResult::kSent);
    EXPECT_EQ(batch.lost()[LossReason::kRefused], 3U);
    EXPECT_TRUE(sender->flush(std::chrono::nanoseconds(0))) << "all is counted";
    expect_all_accounted_for(batch);
  }
  const Receiver again(AF_INET, port);
  if (again.port() != port) GTEST_SKIP() << "another program has the port by now";
  const auto messages = numbered_messages(200, 50);
  Batch batch = batch_of(messages);
  EXPECT_EQ(send_until_settled(*sender, batch), SendResult::kSent);
  EXPECT_EQ(again.receive(200), messages);
  EXPECT_EQ(batch.sent_count(), 200U);
  expect_all_accounted_for(batch);
}

// Between two batches the receiver goes and comes.
TEST(UdpSender, CountsWhatWasRefusedAndNotMore) {
  for (const char* options : {"", "?batch=1", "?batch=1&segment=1"}) {
    auto receiver = std::make_unique<Receiver>();
    const auto sender = open_udp(receiver->url(options));
    Batch heard = batch_of(numbered_messages(10, 50));
    EXPECT_EQ(send_until_settled(*sender, heard), SendResult::kSent);
    EXPECT_EQ(heard.sent_count(), 10U);
    receiver.reset();
    Batch refused = batch_of(numbered_messages(100, 50));
    EXPECT_EQ(send_until_settled(*sender, refused), SendResult::kSent);
    EXPECT_EQ(refused.sent_count(), 0U) << options;
    EXPECT_EQ(refused.lost()[LossReason::kRefused], 100U) << options;
    expect_all_accounted_for(refused);
  }
}

TEST(UdpSender, SendsToIpv6) {
  const Receiver v6(AF_INET6);
  if (v6.port() == 0) GTEST_SKIP() << "no IPv6 here";
  const auto sender = open_udp("udp://[::1]:" + std::to_string(v6.port()));
  Batch batch = batch_of({"six"});
  EXPECT_EQ(send_until_settled(*sender, batch), SendResult::kSent);
  EXPECT_THAT(v6.receive(1), ElementsAre("six"));
  expect_all_accounted_for(batch);
}

TEST(UdpSender, SaysWhatIsWrongWithItsUrl) {
  const auto error = [](const std::string& url) {
    return std::string(UdpSender::open(*parse_url(url)).status().message());
  };
  EXPECT_THAT(error("udp://h:99999"), HasSubstr("port '99999'"));
  EXPECT_THAT(error("udp://127.0.0.1:1?max_datagram=65508"), HasSubstr("1..65507"));
  EXPECT_THAT(error("udp://127.0.0.1:1?max_datagram=0"), HasSubstr("1..65507"));
  EXPECT_THAT(error("udp://127.0.0.1:1?mtu=1"),
              HasSubstr("takes batch, segment, pack, max_datagram, sndbuf"));
  EXPECT_THAT(error("udp://no.such.host.invalid:1"), HasSubstr("cannot resolve host"));
}

TEST(UdpSender, PacksLinesIntoDatagramsWithoutTheirLastNewline) {
  const Receiver receiver;
  auto sender = UdpSender::open(*parse_url(receiver.url("?pack=12")));
  ASSERT_TRUE(sender.ok()) << sender.status();
  Batch batch = batch_of({"a:1|c", "bb:2|c", "ccc:3|c", "longer.than.that:4|ms", "d:5|c"});
  EXPECT_EQ(send_until_settled(**sender, batch), SendResult::kSent);
  EXPECT_THAT(receiver.receive(4),
              testing::ElementsAre("a:1|c\nbb:2|c", "ccc:3|c", "longer.than.that:4|ms", "d:5|c"));
  EXPECT_EQ(batch.sent_count(), 5U);
  expect_all_accounted_for(batch);
}

TEST(UdpSender, CountsEveryLineOfAPackedDatagram) {
  Receiver receiver;
  const std::string url = receiver.url("?pack=1432");
  auto sender = UdpSender::open(*parse_url(url));
  ASSERT_TRUE(sender.ok()) << sender.status();
  receiver.close();
  Batch batch(256 * 1024);
  for (const std::string& message : numbered_messages(1000, 50)) add_message(batch, message);
  send_until_settled(**sender, batch);
  expect_all_accounted_for(batch);
  Batch too_long(64);
  add_message(too_long, "a");
  add_message(too_long, std::string(65508, 'x'));
  send_until_settled(**sender, too_long);
  EXPECT_EQ(too_long.lost()[LossReason::kTooLong], 1U);
  expect_all_accounted_for(too_long);
}

TEST(UdpSender, RefusesAWrongPack) {
  for (const char* options : {"?pack=0", "?pack=65508", "?pack=x", "?pack=100&batch=1"}) {
    EXPECT_FALSE(UdpSender::open(*parse_url(std::string("udp://127.0.0.1:9") + options)).ok())
        << options;
  }
}

}  // namespace
}  // namespace metlog
