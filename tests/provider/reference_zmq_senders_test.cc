// The reference's ZeroMQ sender classes by name: what their constructors take. What the senders
// then do stands in tests/senders/golden_zmq_test.cc.

#include <gmock/gmock.h>

#include <string>

#include "metlog/providers.h"

namespace metlog {
namespace {

absl::StatusOr<SenderSpec> plan(std::string_view name, const ValueMap& named) {
  return plan_sender("metlog.senders.zmq." + std::string(name), {{}, named});
}

std::string url_of(std::string_view name, const ValueMap& named) {
  const absl::StatusOr<SenderSpec> planned = plan(name, named);
  return planned.ok() ? planned->url : std::string(planned.status().message());
}

TEST(ReferenceZmqSenders, PubConnectsToAllOfItsEndPoints) {
  const auto url = [](const ValueList& end_points) {
    return url_of("ZmqPubSender", {{"bindstrs", end_points}});
  };
  EXPECT_EQ(url({"tcp://127.0.0.1:1"}), "tcp://127.0.0.1:1?hwm=1000");
  EXPECT_EQ(url({"tcp://127.0.0.1:1", "tcp://[::1]:2", "ipc:///run/a,b"}),
            "tcp://127.0.0.1:1?also=tcp://[::1]:2,ipc:///run/a%252Cb&hwm=1000");
  EXPECT_EQ(url({}),
            "metlog.senders.zmq.ZmqPubSender: bindstrs takes one end-point at least, not []");
  EXPECT_EQ(url_of("ZmqPubSender", {{"bindstrs", "tcp://127.0.0.1:1"}, {"debug_stderr", true}}),
            "tcp://127.0.0.1:1?hwm=1000&debug_stderr=1");
}

TEST(ReferenceZmqSenders, PubTakesALivecheckThatItDoesNotNeed) {
  EXPECT_EQ(url_of("ZmqPubSender", {{"bindstrs", "tcp://127.0.0.1:1"}, {"livecheck", 30}}),
            "tcp://127.0.0.1:1?hwm=1000");
}

TEST(ReferenceZmqSenders, HandshakePubAsksAndCallsForLosses) {
  const ValueMap required = {{"handshake_bind", "tcp://127.0.0.1:5566"},
                             {"connect_bind", "tcp://127.0.0.1:5565"},
                             {"handshake_timeout", "100"}};
  const auto preset = plan("ZmqHandshakePubSender", required);
  ASSERT_TRUE(preset.ok()) << preset.status();
  EXPECT_EQ(preset->url,
            "tcp://127.0.0.1:5565?handshake=tcp://127.0.0.1:5566&handshake_timeout=100"
            "&livecheck=10&unsent_stderr=1&hwm=200");
  EXPECT_EQ(preset->pool_size, 10U);
  ValueMap all = required;
  all.set("pool_size", 4);
  all.set("hwm", 5);
  all.set("livecheck", 0.2);
  all.set("debug_stderr", true);
  const auto told = plan("ZmqHandshakePubSender", all);
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_EQ(told->url,
            "tcp://127.0.0.1:5565?handshake=tcp://127.0.0.1:5566&handshake_timeout=100"
            "&livecheck=0.2&unsent_stderr=1&hwm=5&debug_stderr=1");
  EXPECT_EQ(told->pool_size, 4U);
}

TEST(ReferenceZmqSenders, NameWhatTheirConstructorsDoNotTake) {
  const auto error = [](const std::string& parameter, const Value& value) {
    ValueMap named = {{"handshake_bind", "tcp://127.0.0.1:5566"},
                      {"connect_bind", "tcp://127.0.0.1:5565"},
                      {"handshake_timeout", 100}};
    named.set(parameter, value);
    return url_of("ZmqHandshakePubSender", named);
  };
  const std::string name = "metlog.senders.zmq.ZmqHandshakePubSender: ";
  EXPECT_EQ(error("handshake_timeout", -1),
            name + "handshake_timeout takes a whole number, 1 to 3600000, not -1");
  EXPECT_EQ(error("livecheck", "soon"),
            name + "livecheck takes a number of seconds, 0.01 to 86400, not \"soon\"");
  EXPECT_EQ(error("debug_stderr", "loudly"),
            name + "debug_stderr takes true or false, not \"loudly\"");
  EXPECT_EQ(error("connect_bind", ValueList{"tcp://a:1", "tcp://b:2"}),
            name + "connect_bind takes one end-point, not [\"tcp://a:1\",\"tcp://b:2\"]");
}

}  // namespace
}  // namespace metlog
