// The reference's ZeroMQ sender classes by name: what their constructors take. What the senders
// then do is tested in tests/senders/golden_zmq_test.cc.

#include <gmock/gmock.h>

#include <chrono>
#include <string>

#include "metlog/providers.h"
#include "senders/reference/reference_senders.h"

namespace metlog {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

std::string error_of(std::string_view name, const ValueMap& named) {
  const auto planned = plan_sender("metlog.senders.zmq." + std::string(name), {{}, named});
  return std::string(planned.status().message());
}

TEST(ReferenceZmqSenders, PubConnectsToAllOfItsEndPoints) {
  const auto pool = [](const ValueList& end_points) {
    return *read_zmq_pub({{}, {{"bindstrs", end_points}}});
  };
  const ZmqPool one = pool({"tcp://127.0.0.1:1"});
  EXPECT_THAT(one.each.endpoints, ElementsAre("tcp://127.0.0.1:1"));
  EXPECT_EQ(one.each.hwm, 1000);
  EXPECT_EQ(one.size, 10U);
  EXPECT_FALSE(one.each.hold.has_value());
  EXPECT_FALSE(one.each.debug_stderr);
  EXPECT_THAT(pool({"tcp://127.0.0.1:1", "tcp://[::1]:2", "ipc:///run/a,b%20c"}).each.endpoints,
              ElementsAre("tcp://127.0.0.1:1", "tcp://[::1]:2", "ipc:///run/a,b c"));
  const auto all = read_zmq_pub({{},
                                 {{"bindstrs", "tcp://127.0.0.1:1?hold_ms=5"},
                                  {"pool_size", 2},
                                  {"queue_length", "5000"},
                                  {"debug_stderr", true}}});
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->each.hwm, 5000);
  EXPECT_EQ(all->each.hold, milliseconds(5)) << "an option of the endpoint itself";
  EXPECT_EQ(all->size, 2U);
  EXPECT_TRUE(all->each.debug_stderr);
  EXPECT_EQ(error_of("ZmqPubSender", {{"bindstrs", ValueList{}}}),
            "metlog.senders.zmq.ZmqPubSender: bindstrs takes at least one endpoint, not []");
  EXPECT_EQ(error_of("ZmqPubSender", {{"bindstrs", "file:x"}}),
            "metlog.senders.zmq.ZmqPubSender: bindstrs takes tcp://host:port or ipc:///path, not "
            "\"file:x\"");
}

TEST(ReferenceZmqSenders, PubTakesALivecheckThatItDoesNotNeed) {
  EXPECT_EQ(error_of("ZmqPubSender", {{"bindstrs", "tcp://127.0.0.1:1"}, {"livecheck", 30}}), "");
}

TEST(ReferenceZmqSenders, HandshakePubAsksAndCallsForLosses) {
  const ValueMap required = {{"handshake_bind", "tcp://127.0.0.1:5566"},
                             {"connect_bind", "tcp://127.0.0.1:5565"},
                             {"handshake_timeout", "100"}};
  const auto preset = read_zmq_handshake({{}, required});
  ASSERT_TRUE(preset.ok()) << preset.status();
  EXPECT_THAT(preset->each.endpoints, ElementsAre("tcp://127.0.0.1:5565"));
  EXPECT_EQ(preset->each.handshake, "tcp://127.0.0.1:5566");
  EXPECT_EQ(preset->each.handshake_timeout, milliseconds(100));
  EXPECT_EQ(preset->each.livecheck, milliseconds(10'000));
  EXPECT_EQ(preset->each.hwm, 200);
  EXPECT_TRUE(preset->each.unsent_stderr);
  EXPECT_EQ(preset->size, 10U);
  ValueMap all = required;
  all.set("pool_size", 4);
  all.set("hwm", 5);
  all.set("livecheck", 0.2);
  all.set("debug_stderr", true);
  const auto given = read_zmq_handshake({{}, all});
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_EQ(given->each.livecheck, milliseconds(200));
  EXPECT_EQ(given->each.hwm, 5);
  EXPECT_TRUE(given->each.debug_stderr);
  EXPECT_EQ(given->size, 4U);
}

TEST(ReferenceZmqSenders, NameWhatTheirConstructorsDoNotTake) {
  const auto error = [](const std::string& parameter, const Value& value) {
    ValueMap named = {{"handshake_bind", "tcp://127.0.0.1:5566"},
                      {"connect_bind", "tcp://127.0.0.1:5565"},
                      {"handshake_timeout", 100}};
    named.set(parameter, value);
    return error_of("ZmqHandshakePubSender", named);
  };
  const std::string name = "metlog.senders.zmq.ZmqHandshakePubSender: ";
  EXPECT_EQ(error("handshake_timeout", -1),
            name + "handshake_timeout takes a whole number, 1 to 3600000, not -1");
  EXPECT_EQ(error("livecheck", "soon"),
            name + "livecheck takes a number of seconds, 0.01 to 86400, not \"soon\"");
  EXPECT_EQ(error("debug_stderr", "loudly"),
            name + "debug_stderr takes true or false, not \"loudly\"");
  EXPECT_EQ(error("connect_bind", ValueList{"tcp://a:1", "tcp://b:2"}),
            name + "connect_bind takes one endpoint, not [\"tcp://a:1\",\"tcp://b:2\"]");
}

}  // namespace
}  // namespace metlog
