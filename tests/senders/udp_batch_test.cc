// Batched datagrams, whole and cut by the kernel, read as the router reads them.

#include <gmock/gmock.h>

#include <algorithm>
#include <memory>
#include <random>

#include "metlog/internal/flush/send_queue.h"
#include "senders/udp/udp_sender.h"
#include "tests/senders/frame_log.h"
#include "tests/senders/receiver.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Le;

std::unique_ptr<Sender> open_udp(const std::string& url) {
  auto sender = UdpSender::open(*parse_url(url));
  if (!sender.ok()) ADD_FAILURE() << sender.status();
  return sender.ok() ? *std::move(sender) : nullptr;
}

/// Reads until `count` messages have come; how long each datagram was.
std::vector<std::size_t> receive(const Receiver& receiver, std::size_t count, FrameLog& log) {
  std::vector<std::size_t> sizes;
  while (log.messages.size() < count) {
    const std::vector<std::string> datagram = receiver.receive(1);
    if (datagram.empty() || !log.add(datagram[0])) break;
    sizes.push_back(datagram[0].size());
  }
  return sizes;
}

/// What both ways to send have in common.
class UdpBatch : public testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] std::string url(const std::string& more = "") const {
    return receiver_.url(std::string("?batch=1&segment=") + GetParam() + more);
  }
  const Receiver receiver_;
};
INSTANTIATE_TEST_SUITE_P(Segment, UdpBatch, testing::Values("0", "1"));

TEST_P(UdpBatch, PutsAsManyMessagesAsFitIntoADatagram) {
  const auto sender = open_udp(url());
  const auto messages = numbered_messages(261, 250);
  Batch batch = batch_of(messages);
  batch.first_sequence = 40;
  batch.stream = {{1, 2}, 3};
  EXPECT_EQ(send_until_settled(*sender, batch), SendResult::kSent);
  FrameLog log;
  const auto sizes = receive(receiver_, messages.size(), log);
  EXPECT_EQ(log.messages, messages);
  EXPECT_EQ(log.stream, batch.stream);
  EXPECT_EQ(log.missing, 40U);
  EXPECT_EQ(sizes.size(), 53U);  // (1400 - 48) / 251 = 5
  EXPECT_THAT(log.paddings, Each(0U));
  EXPECT_EQ(batch.sent_count(), messages.size());
  expect_all_accounted_for(batch);
}

TEST_P(UdpBatch, GivesALongMessageADatagramToItself) {
  const auto sender = open_udp(url());
  const std::vector<std::string> messages = {"a",
                                             "b",
                                             std::string(1351, 'c'),
                                             std::string(1352, 'd'),
                                             std::string(65458, 'e'),
                                             std::string(65459, 'f'),
                                             "g"};
  Batch batch = batch_of(messages);
  EXPECT_EQ(send_until_settled(*sender, batch), SendResult::kSent);
  FrameLog log;
  const auto sizes = receive(receiver_, 6, log);
  EXPECT_EQ(sizes.size(), 5U);
  EXPECT_EQ(sizes[3], 65507U);
  EXPECT_EQ(log.sequences, (std::vector<std::uint64_t>{0, 1, 2, 3, 4, 6}));
  EXPECT_EQ(batch.lost()[LossReason::kTooLong], 1U);
  EXPECT_EQ(log.missing, batch.lost().total());
  expect_all_accounted_for(batch);
}

TEST_P(UdpBatch, CountsAsTooLongWhatExceedsALimitThatWasAskedFor) {
  const auto sender = open_udp(url("&max_datagram=128"));
  // 48 + 79 + 1 = 128
  Batch batch = batch_of({std::string(80, 'x'), std::string(79, 'y'), "z"});
  EXPECT_EQ(send_until_settled(*sender, batch), SendResult::kSent);
  FrameLog log;
  const auto sizes = receive(receiver_, 2, log);
  EXPECT_THAT(log.messages, ElementsAre(std::string(79, 'y'), "z"));
  EXPECT_EQ(sizes[0], 128U);
  EXPECT_EQ(log.missing, 1U);
  EXPECT_EQ(batch.lost()[LossReason::kTooLong], 1U);
  expect_all_accounted_for(batch);
}

/// Messages of random sizes through a lane; identity, order, sizes, no gap but for what was lost.
TEST_P(UdpBatch, KeepsItsLimitWhateverTheSizes) {
  std::mt19937 random(20261123);
  for (const std::size_t limit : {128U, 500U, 1400U, 9000U, 30000U, 65507U}) {
    SendQueue lane(open_udp(url("&max_datagram=" + std::to_string(limit))), {.stream = {{4}, 2}});
    FrameLog log;
    std::size_t offered = 0;
    std::vector<std::string> expected;
    for (int round = 0; round < 20; ++round) {
      Batch* const batch = lane.try_take_empty();
      ASSERT_NE(batch, nullptr);
      std::size_t bytes = 0;  // no more than a socket's default buffer holds
      for (int i = 0; i < 40 && bytes < 60'000; ++i, ++offered) {
        std::string message = std::to_string(offered) + ":";
        message.append(random() % (limit / 3), 'r');
        if (random() % 20 == 0) message.append(limit, 'l');
        if (message.size() + 49 <= limit) {
          expected.push_back(message);
          bytes += message.size();
        }
        add_message(*batch, message);
      }
      lane.offer(batch);
      while (lane.done_number() < lane.offered_number()) lane.step();
      const auto sizes = receive(receiver_, expected.size(), log);
      ASSERT_THAT(sizes, Each(Le(limit)));
    }
    EXPECT_EQ(log.messages, expected) << limit;
    EXPECT_EQ(lane.counts().sent, expected.size());
    EXPECT_EQ(lane.counts().lost[LossReason::kTooLong], offered - expected.size());
    EXPECT_EQ(lane.counts().lost.total(), offered - expected.size());
    EXPECT_EQ(log.missing + (offered - log.next), offered - expected.size());
    EXPECT_FALSE(receiver_.has_more());
  }
}

TEST_P(UdpBatch, CountsEveryMessageOfARefusedDatagram) {
  Receiver receiver;
  const auto sender = open_udp(receiver.url(std::string("?batch=1&segment=") + GetParam()));
  receiver.close();
  for (int round = 0; round < 20; ++round) {
    Batch batch = batch_of(numbered_messages(30, 250));
    EXPECT_EQ(send_until_settled(*sender, batch), SendResult::kSent);
    EXPECT_EQ(batch.sent_count(), 0U);
    EXPECT_EQ(batch.lost()[LossReason::kRefused], 30U);
    expect_all_accounted_for(batch);
  }
}

/// A sender of its own to `receiver`, so that a test can spoil the socket.
UniqueFd connected_to(const Receiver& receiver) {
  UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(receiver.port()));
  EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return fd;
}

TEST(SegmentedDatagrams, PadsAllButTheLastToOneLength) {
  const Receiver receiver;
  const UniqueFd fd = connected_to(receiver);
  SegmentedDatagrams datagrams({.wanted = 300, .max = kMaxDatagram});
  // Two in a datagram: 48 + 201 = 249, 48 + 101 + 151 = 300, 48 + 121 = 169, 48 + 201, ...
  std::vector<std::string> messages;
  for (const std::size_t size : {200U, 100U, 150U, 120U, 200U, 90U})
    messages.emplace_back(size, 'p');
  const Batch batch = batch_of(messages);
  const Datagrams::Outcome outcome = datagrams.send(fd.get(), batch);
  EXPECT_EQ(outcome.error, 0);
  EXPECT_EQ(outcome.sent, messages.size());  // all by one call
  EXPECT_TRUE(datagrams.kernel_cuts());
  FrameLog log;
  EXPECT_THAT(receive(receiver, messages.size(), log), ElementsAre(300, 300, 300, 300, 139));
  EXPECT_THAT(log.paddings, ElementsAre(51, 0, 131, 51, 0));
  EXPECT_EQ(log.messages, messages);
}

TEST(SegmentedDatagrams, TakesNoMoreThanTheKernelDoesInACall) {
  const Receiver receiver;
  const UniqueFd fd = connected_to(receiver);
  SegmentedDatagrams small({.wanted = 128, .max = kMaxDatagram});
  const Batch many = batch_of(numbered_messages(100, 79));
  EXPECT_EQ(small.send(fd.get(), many).sent, 64U);
  SegmentedDatagrams large({.wanted = 1400, .max = kMaxDatagram});
  const Batch big = batch_of(numbered_messages(100, 1351));
  EXPECT_EQ(large.send(fd.get(), big).sent, 46U);  // 65507 / 1400
  EXPECT_TRUE(small.kernel_cuts() && large.kernel_cuts());
  FrameLog log;
  FrameLog second;
  receive(receiver, 64, log);
  receive(receiver, 46, second);
  EXPECT_EQ(log.messages.size() + second.messages.size(), 110U);
}

TEST(SegmentedDatagrams, SendsWholeOnesWhenTheKernelRefusesToCut) {
  const Receiver receiver;
  const UniqueFd fd = connected_to(receiver);
  const int on = 1;  // segments need checksums
  ASSERT_EQ(::setsockopt(fd.get(), SOL_SOCKET, SO_NO_CHECK, &on, sizeof on), 0);
  SegmentedDatagrams datagrams({.wanted = 300, .max = kMaxDatagram});
  const auto messages = numbered_messages(100, 120);
  Batch batch = batch_of(messages);
  EXPECT_EQ(datagrams.send(fd.get(), batch).sent, 100U);
  EXPECT_FALSE(datagrams.kernel_cuts());
  FrameLog log;
  receive(receiver, messages.size(), log);
  EXPECT_EQ(log.messages, messages);
  EXPECT_EQ(log.missing, 0U);
}

TEST(UdpBatchUrl, SaysWhatIsWrongWithItsUrl) {
  const auto error = [](const std::string& options) {
    return std::string(
        UdpSender::open(*parse_url("udp://127.0.0.1:1" + options)).status().message());
  };
  EXPECT_THAT(error("?batch=yes"), HasSubstr("option batch='yes'"));
  EXPECT_THAT(error("?batch=1&max_datagram=127"), HasSubstr("128..65507"));
  EXPECT_THAT(error("?batch=1&max_datagram=65508"), HasSubstr("128..65507"));
  EXPECT_THAT(error("?segment=1"), HasSubstr("needs batch=1"));
  EXPECT_THAT(error("?batch=1&segment=2"), HasSubstr("option segment='2'"));
}

}  // namespace
}  // namespace metlog
