#include "tools/router/input/udp_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/router/collecting_sink.h"
#include "tests/router/peers.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::unique_ptr<UdpInput> open_input(std::size_t max_message = 256 * 1024,
                                     const char* address = "127.0.0.1:0") {
  auto input = UdpInput::open(address, max_message, Reach::kLoopbackOnly);
  EXPECT_TRUE(input.ok()) << input.status();
  return *std::move(input);
}

TEST(UdpInput, ReceivesDatagramsInOrder) {
  const auto input = open_input();
  const UdpPeer peer(input->endpoint());
  CollectingSink sink;
  EXPECT_EQ(input->poll(sink, 100), 0U);
  for (const char* text : {"one", "", "three"}) peer.send(text);
  EXPECT_EQ(input->poll(sink, 100), 3U);
  EXPECT_THAT(sink.texts, ElementsAre("one", "", "three"));
  EXPECT_EQ(input->counts().frames, 3U);
  EXPECT_EQ(input->counts().kernel_drops, 0U);
}

TEST(UdpInput, ReceivesMoreThanOneBurst) {
  const auto input = open_input();
  const UdpPeer peer(input->endpoint());
  for (int i = 0; i < 200; ++i) peer.send(std::to_string(i));
  CollectingSink sink;
  EXPECT_EQ(input->poll(sink, 150), 150U);
  EXPECT_EQ(input->poll(sink, 150), 50U);
  for (int i = 0; i < 200; ++i)
    EXPECT_EQ(sink.texts[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST(UdpInput, CutsADatagramOverTheLimitAndReceivesItsNeighboursWhole) {
  const auto input = open_input(100);
  const UdpPeer peer(input->endpoint());
  peer.send(std::string(100, 'a'));
  peer.send(std::string(101, 'b'));
  peer.send(std::string(65507, 'c'));
  peer.send(std::string(100, 'd'));
  CollectingSink sink;
  EXPECT_EQ(input->poll(sink, 100), 4U);
  EXPECT_THAT(sink.sent_bytes, ElementsAre(100, 101, 65507, 100));
  EXPECT_EQ(sink.texts[0], std::string(100, 'a'));
  EXPECT_EQ(sink.texts[1], std::string(100, 'b'));
  EXPECT_EQ(sink.texts[2], std::string(100, 'c'));
  EXPECT_EQ(sink.texts[3], std::string(100, 'd'));
}

TEST(UdpInput, ReceivesTheLargestDatagramWhole) {
  const auto input = open_input();
  const UdpPeer peer(input->endpoint());
  peer.send(std::string(65507, 'x'));
  CollectingSink sink;
  input->poll(sink, 1);
  EXPECT_EQ(sink.texts[0], std::string(65507, 'x'));
}

TEST(UdpInput, HandsOverTheRestOfABurstToASinkThatHasEnough) {
  const auto input = open_input();
  const UdpPeer peer(input->endpoint());
  for (int i = 0; i < 200; ++i) peer.send("x");
  CollectingSink sink(1);
  const std::size_t taken = input->poll(sink, 1000);
  EXPECT_LT(taken, 200U);
  EXPECT_EQ(sink.texts.size(), taken);
  EXPECT_EQ(input->counts().frames, taken);
}

TEST(UdpInput, CountsWhatTheKernelDropped) {
  const auto input = open_input();
  const UdpPeer peer(input->endpoint());
  constexpr std::uint64_t kSent = 500;  // twice what the largest buffer holds
  for (std::uint64_t i = 0; i < kSent; ++i) peer.send(std::string(65507, 'x'));
  CollectingSink sink;
  input->poll(sink, kSent);
  EXPECT_GT(input->counts().kernel_drops, 0U);
  EXPECT_EQ(input->counts().frames + input->counts().kernel_drops, kSent);
}

TEST(UdpInput, RestsNoLongerThanItsBufferHasRoomWhileDatagramsCome) {
  const auto input = open_input();
  const UdpPeer peer(input->endpoint());
  CollectingSink sink;
  peer.send("x");
  input->poll(sink, 10);
  EXPECT_GT(input->longest_rest(), std::chrono::microseconds(1));
  EXPECT_LT(input->longest_rest(), std::chrono::milliseconds(100));
  input->poll(sink, 10);
  EXPECT_EQ(input->longest_rest(), std::chrono::nanoseconds::max());
}

TEST(UdpInput, BindsIpv6Loopback) {
  auto input = UdpInput::open("[::1]:0", 1000, Reach::kLoopbackOnly);
  if (!input.ok()) GTEST_SKIP() << "no IPv6 here: " << input.status();
  const UdpPeer peer((*input)->endpoint());
  peer.send("six");
  CollectingSink sink;
  (*input)->poll(sink, 1);
  EXPECT_THAT(sink.texts, ElementsAre("six"));
}

TEST(UdpInput, RefusesAnAddressThatOthersReach) {
  for (const char* address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:5565"}) {
    const auto refused = UdpInput::open(address, 1000, Reach::kLoopbackOnly);
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kPermissionDenied) << address;
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr(address));
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr("--allow-remote"));
  }
  EXPECT_TRUE(UdpInput::open("0.0.0.0:0", 1000, Reach::kAnywhere).ok());
}

TEST(UdpInput, NamesWhatIsWrongWithAnAddress) {
  for (const char* address : {"", "5565", ":5565", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                              "127.0.0.1:x", "::1:5565", "127.0.0.1:-1"}) {
    const auto wrong = UdpInput::open(address, 1000, Reach::kLoopbackOnly);
    EXPECT_EQ(wrong.status().code(), absl::StatusCode::kInvalidArgument) << address;
  }
}

TEST(UdpInput, SaysThatAPortIsTaken) {
  const auto first = open_input();
  const auto second = UdpInput::open(first->endpoint(), 1000, Reach::kLoopbackOnly);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("another metlogd"));
}

}  // namespace
}  // namespace metlog
