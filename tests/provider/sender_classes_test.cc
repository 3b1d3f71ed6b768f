// The sender classes that a program constructs: senders.h.

#include "metlog/senders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "metlog/metlog.h"
#include "tests/provider/host_world.h"
#include "tests/senders/receiver.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/messages.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

/// Opens a client of the sender, sends one event and closes it.
template <class S>
Receipt send_one(const S& sender, ClientOptions options = {.logger = "shop"}) {
  absl::StatusOr<Client> client = open(sender, options);
  EXPECT_TRUE(client.ok()) << client.status();
  client->metlog("t", {}, "hello");
  const Receipt receipt = client->close(5s);
  EXPECT_EQ(receipt.sent + receipt.lost, 1U);
  return receipt;
}

template <class S>
std::string error_of(const S& sender) {
  return std::string(sender.spec().status().message());
}

TEST(SenderClasses, DebugCaptureKeepsWhatItsClientsSend) {
  const senders::DebugCaptureSender capture({{"foo", 1}});
  EXPECT_EQ(send_one(capture).sent, 1U);
  EXPECT_EQ(send_one(capture).sent, 1U);
  ASSERT_EQ(capture.msgs().size(), 2U);
  expect_is_envelope(capture.msgs()[0]);
  EXPECT_EQ(payload_of(capture.msgs()[0]), "hello");
  EXPECT_EQ(*capture.option("foo"), Value(1));
  absl::StatusOr<Client> client = open(capture);
  ASSERT_TRUE(client.ok());
  EXPECT_EQ(debug_capture(*client)->messages(), capture.msgs());
}

TEST(SenderClasses, FileAndStreamTakeAFormatter) {
  const TempDir dir;
  EXPECT_EQ(send_one(senders::FileSender{dir.file("log"), MessageFormat::kJson}).sent, 1U);
  EXPECT_EQ(send_one(senders::FileSender{dir.file("log")}).sent, 1U);
  std::ifstream file(dir.file("log"));
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  expect_is_envelope(text.substr(0, text.find('\n')));
  EXPECT_THAT(text.substr(text.find('\n')), HasSubstr("\n    \"payload\": \"hello\""));
  std::ostringstream out;
  const auto loud = [](const Message& message, std::string_view) {
    return *message.payload().as_text() + "!";
  };
  EXPECT_EQ(send_one(senders::StreamSender{out, Formatter(loud)}).sent, 1U);
  EXPECT_EQ(out.str(), "hello!\n");
}

TEST(SenderClasses, UdpPairsHostsWithPorts) {
  const Receiver one;
  const Receiver two;
  EXPECT_EQ(send_one(senders::UdpSender{"127.0.0.1", one.port()}).sent, 1U);
  EXPECT_EQ(send_one(senders::UdpSender{{"127.0.0.1", "127.0.0.1"}, {one.port(), two.port()}}).sent,
            1U);
  EXPECT_EQ(one.receive(2).size(), 2U);
  EXPECT_EQ(two.receive(1).size(), 1U);
}

TEST(SenderClasses, StdLibLoggingGivesToAHostLogger) {
  HostWorld host("classes");
  EXPECT_EQ(send_one(senders::StdLibLoggingSender{"classes", "t", "*"}).sent, 1U);
  absl::StatusOr<Client> client = open(senders::StdLibLoggingSender{"classes", "t", "u"});
  ASSERT_TRUE(client.ok());
  client->metlog("neither");
  EXPECT_TRUE(client->flush(5s));
  EXPECT_EQ(client->stats().filtered, 1U);
}

TEST(SenderClasses, NoSendIsInactive) {
  absl::StatusOr<Client> client = open(senders::NoSendSender());
  ASSERT_TRUE(client.ok());
  EXPECT_FALSE(client->is_active());
  std::ostringstream out;
  ASSERT_TRUE(reconfigure(*client, senders::StreamSender{out}).ok());
  EXPECT_TRUE(client->is_active());
  client->metlog("t");
  EXPECT_EQ(client->close(5s).sent, 1U);
}

TEST(SenderClasses, ZmqClassesOpenTheirPool) {
  const auto pub = senders::ZmqPubSender{"tcp://127.0.0.1:9", 3, 50}.spec();
  ASSERT_TRUE(pub.ok()) << pub.status();
  EXPECT_EQ(pub->pool_size, 3U);
  EXPECT_THAT(pub->unused, ElementsAre());
  const auto watched =
      senders::ZmqPubSender{.bindstrs = "tcp://127.0.0.1:9", .livecheck = 30}.spec();
  ASSERT_TRUE(watched.ok()) << watched.status();
  EXPECT_THAT(watched->unused, ElementsAre("livecheck"));
  const auto asking =
      senders::ZmqHandshakePubSender{"tcp://127.0.0.1:9", "tcp://127.0.0.1:10", 200};
  ASSERT_TRUE(asking.spec().ok()) << asking.spec().status();
  EXPECT_EQ(asking.spec()->pool_size, 10U);
  EXPECT_THAT(asking.spec()->unused, ElementsAre());
}

TEST(SenderClasses, NameTheParameterAtFault) {
  EXPECT_THAT(error_of(senders::UdpSender{"h", 70'000}), HasSubstr("port takes a whole number"));
  EXPECT_THAT(error_of(senders::UdpSender{std::vector<std::string>(), 1}),
              HasSubstr("host takes at least one host"));
  EXPECT_THAT(error_of(senders::FileSender{""}), HasSubstr("filepath takes a path"));
  EXPECT_THAT(error_of(senders::ZmqPubSender{"udp://h:1"}), HasSubstr("bindstrs takes tcp://"));
  EXPECT_THAT(error_of(senders::ZmqPubSender{"tcp://h:1", 65}), HasSubstr("pool_size takes"));
  EXPECT_FALSE(open(senders::FileSender{"/no/such/directory/x"}).ok());
}

/// A sender class of the program.
struct Doubled {
  std::string url;
  [[nodiscard]] absl::StatusOr<SenderSpec> spec() const {
    return SenderSpec{.url = url, .pool_size = 2};
  }
};

TEST(SenderClasses, MayBeTheProgramsOwn) {
  EXPECT_EQ(send_one(Doubled{"null:"}).sent, 1U);
  EXPECT_FALSE(open(Doubled{"nil:"}).ok());
}

}  // namespace
}  // namespace metlog
