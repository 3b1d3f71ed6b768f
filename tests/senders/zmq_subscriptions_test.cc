#include "senders/zmq/zmq_subscriptions.h"

#include <gtest/gtest.h>

#include "metlog/internal/codec/frame_header.h"

namespace metlog {
namespace {

constexpr std::string_view kTopic = FrameHeader::kTopic;

TEST(ZmqSubscriptions, AreHeardWhileConnectedAndRememberTopicsMeanwhile) {
  ZmqSubscriptions subscriptions;
  subscriptions.begin_look();
  subscriptions.connected();
  EXPECT_FALSE(subscriptions.is_heard());
  subscriptions.add("", true);
  EXPECT_TRUE(subscriptions.is_heard());
  subscriptions.disconnected();
  EXPECT_FALSE(subscriptions.is_heard());
  subscriptions.connected();
  EXPECT_TRUE(subscriptions.is_heard());
  subscriptions.add("", true);  // again, as VERBOSE passes it on
  subscriptions.remove("never there");
  EXPECT_TRUE(subscriptions.is_heard());
  subscriptions.remove("");
  EXPECT_FALSE(subscriptions.is_heard());
}

TEST(ZmqSubscriptions, ReadBatchedFramesWhenThePresentPeerSaidSoLast) {
  ZmqSubscriptions subscriptions;
  const auto look = [&] { subscriptions.begin_look(); };
  look();
  subscriptions.connected();
  subscriptions.add("", true);
  subscriptions.add(kTopic, true);
  EXPECT_TRUE(subscriptions.reads_batched());
  look();
  subscriptions.disconnected();
  EXPECT_FALSE(subscriptions.reads_batched());
  look();
  subscriptions.connected();
  EXPECT_FALSE(subscriptions.reads_batched());
  subscriptions.add("", true);
  subscriptions.add(kTopic, false);  // a forwarder
  EXPECT_FALSE(subscriptions.reads_batched());
  // Both peers' in one look: the last counts.
  look();
  subscriptions.disconnected();
  subscriptions.connected();
  subscriptions.add("", true);
  subscriptions.add(kTopic, true);
  EXPECT_TRUE(subscriptions.reads_batched());
  subscriptions.add("", true);
  EXPECT_FALSE(subscriptions.reads_batched());
}

TEST(ZmqSubscriptions, ReadPlainOnesWhereAnOlderPeerMayHaveAsked) {
  // The first peer's answer comes late, when the second has not said anything.
  ZmqSubscriptions late;
  late.begin_look();
  late.connected();
  late.begin_look();
  late.disconnected();
  late.connected();
  late.add("", true);
  late.add(kTopic, true);
  EXPECT_TRUE(late.is_heard());
  EXPECT_FALSE(late.reads_batched());
  // Two came and went between two looks.
  ZmqSubscriptions two;
  two.begin_look();
  two.connected();
  two.disconnected();
  two.connected();
  two.add("", true);
  two.add(kTopic, true);
  EXPECT_TRUE(two.is_heard());
  EXPECT_FALSE(two.reads_batched());
}

}  // namespace
}  // namespace metlog
