// What the router says was lost on the way from clients, against a relay that loses datagrams.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "metlog/engine.h"
#include "metlog/metlog.h"
#include "tests/router/lossy_relay.h"
#include "tools/router/input/udp_input.h"
#include "tools/router/router.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kCalls = 600;
constexpr const char* kBatched = "?batch=1&max_datagram=1000";

/// A router that a relay sends to.
class RelayedRouter {
 public:
  RelayedRouter() {
    router_.add_input(
        *UdpInput::open("127.0.0.1:0", DecoderLimits().message_bytes, Reach::kLoopbackOnly));
    peer_ = std::make_unique<UdpPeer>(router_.inputs()[0]->endpoint());
  }

  void pump(LossyRelay& relay) {
    const std::uint64_t before = relay.passed() - router_.frame_count();
    relay.pump(*peer_);
    const auto give_up = std::chrono::steady_clock::now() + 30s;
    while (router_.frame_count() + before < relay.passed()) {
      router_.step(10ms);
      ASSERT_LT(std::chrono::steady_clock::now(), give_up);
    }
  }
  [[nodiscard]] RouterLedger ledger() const { return router_.ledger(); }

 private:
  Router router_{{}};
  std::unique_ptr<UdpPeer> peer_;
};

class LossySessions : public testing::Test {
 protected:
  Client open(Engine& engine, const LossyRelay& relay, const std::string& options,
              std::size_t pool_size = 1) {
    ClientOptions client;
    client.logger = "shop";
    client.stats_interval = 1ms;
    client.pool_size = pool_size;
    return engine.open(relay.receiver().url(options), client).value();
  }
  /// Calls, in pieces that the relay's socket has room for.
  template <class Router>
  static void call(Client& client, LossyRelay& relay, Router& router, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      METLOG_INFO(client, "message {} of a client whose datagrams are lost", i);
      if (i % 60 != 59) continue;
      ASSERT_TRUE(client.flush(30s));
      router.pump(relay);
    }
    ASSERT_TRUE(client.flush(30s));
    router.pump(relay);
  }
  static Engine::Parts parts() {
    Engine::Parts parts;
    parts.options.session_directory = "none";
    return parts;
  }
  /// The only session, in which nothing is undecided.
  static SessionLedger session_of(const RouterLedger& ledger) {
    EXPECT_EQ(ledger.sessions.sessions, 1U);
    EXPECT_EQ(ledger.unexplained(), 0U);
    if (ledger.sessions.worst.size() != 1) return {};
    EXPECT_EQ(ledger.sessions.worst[0].undecided, 0U);
    EXPECT_EQ(ledger.sessions.lost_on_way, ledger.sessions.worst[0].lost_on_way);
    return ledger.sessions.worst[0];
  }
  /// What was dropped of the streams of a client is what is missing of them, number by number.
  static void expect_same_numbers(const ClientLedger& client, const LossyRelay& relay) {
    for (const StreamLedger& stream : client.streams) {
      std::vector<NumberRange> dropped = relay.dropped_of(stream.number);
      std::uint64_t count = 0;
      for (const NumberRange& range : dropped) count += range.count;
      EXPECT_EQ(stream.missing, count);
      if (dropped.size() > MissingNumbers::kFirst) dropped.resize(MissingNumbers::kFirst);
      EXPECT_EQ(stream.ranges, dropped);
    }
  }
};

class LossySessionsOf : public LossySessions,
                        public testing::WithParamInterface<std::pair<double, const char*>> {};

TEST_P(LossySessionsOf, MissExactlyWhatWasDropped) {
  const auto [share, options] = GetParam();
  RelayedRouter router;
  LossyRelay relay(share, 11);
  Engine engine(parts());
  Client client = open(engine, relay, options);
  call(client, relay, router, kCalls);
  const Receipt receipt = client.close(30s);
  router.pump(relay);
  ASSERT_EQ(receipt.sent, kCalls);
  ASSERT_GT(relay.dropped(), 0U);

  const RouterLedger ledger = router.ledger();
  const SessionLedger session = session_of(ledger);
  EXPECT_EQ(session.lost_on_way, relay.dropped()) << to_text(ledger);
  EXPECT_EQ(session.pid, ::getpid());
  EXPECT_EQ(session.lost_by_clients(), 0U);
  ASSERT_EQ(session.clients.size(), 1U);
  EXPECT_EQ(session.clients[0].state, Liveness::kClosed);
  EXPECT_EQ(session.clients[0].report.emitted, kCalls);
  EXPECT_EQ(session.clients[0].report.logger, "shop");
  EXPECT_EQ(client.stats().sent + client.stats().marks, ledger.accepted + relay.dropped());
  const bool is_numbered = options == kBatched;
  EXPECT_EQ(session.evidence, is_numbered ? LossEvidence::kNumbers : LossEvidence::kCounts);
  if (is_numbered) expect_same_numbers(session.clients[0], relay);
}

INSTANTIATE_TEST_SUITE_P(Shares, LossySessionsOf,
                         testing::Values(std::pair(0.05, kBatched), std::pair(0.2, kBatched),
                                         std::pair(0.5, kBatched), std::pair(0.05, ""),
                                         std::pair(0.2, ""), std::pair(0.5, "")));

TEST_F(LossySessions, MissNothingThatCameTwice) {
  RelayedRouter router;
  LossyRelay relay(0.2, 3);
  relay.repeat();
  Engine engine(parts());
  Client client = open(engine, relay, kBatched);
  call(client, relay, router, kCalls);
  client.close(30s);
  router.pump(relay);
  const RouterLedger ledger = router.ledger();
  const SessionLedger session = session_of(ledger);
  EXPECT_EQ(session.lost_on_way, relay.dropped());
  ASSERT_EQ(session.clients.size(), 1U);
  const StreamLedger& stream = session.clients[0].streams.at(0);
  EXPECT_EQ(stream.late_unknown, 0U);
  EXPECT_EQ(ledger.accepted,
            client.stats().sent + client.stats().marks - relay.dropped() + stream.repeated);
}

TEST_F(LossySessions, MissWhatWasDroppedOfEachConnection) {
  RelayedRouter router;
  LossyRelay relay(0.2, 5);
  Engine engine(parts());
  Client client = open(engine, relay, kBatched, 4);
  call(client, relay, router, kCalls);
  client.close(30s);
  router.pump(relay);
  const SessionLedger session = session_of(router.ledger());
  EXPECT_EQ(session.lost_on_way, relay.dropped());
  ASSERT_EQ(session.clients.size(), 1U);
  EXPECT_EQ(session.clients[0].streams.size(), 4U);
  expect_same_numbers(session.clients[0], relay);
}

TEST_F(LossySessions, HaveTheLossesOfEachOfTwoClients) {
  for (const char* const options : {kBatched, ""}) {
    RelayedRouter router;
    LossyRelay good(0, 1);
    LossyRelay bad(0.3, 7);
    Engine engine(parts());
    Client first = open(engine, good, options);
    Client second = open(engine, bad, options);
    call(first, good, router, 100);
    call(second, bad, router, 200);
    first.close(30s);
    router.pump(good);
    second.close(30s);
    router.pump(bad);
    const SessionLedger session = session_of(router.ledger());
    EXPECT_EQ(session.lost_on_way, bad.dropped()) << options;
    ASSERT_EQ(session.clients.size(), 2U);
    EXPECT_EQ(session.clients[0].report.emitted, 100U);
    EXPECT_EQ(session.clients[1].report.emitted, 200U);
    if (options != kBatched) continue;
    EXPECT_EQ(session.clients[0].lost_on_way, 0U);
    EXPECT_EQ(session.clients[1].lost_on_way, bad.dropped());
  }
}

TEST_F(LossySessions, LoseNothingBeforeARouterWasThere) {
  for (const char* const options : {kBatched, ""}) {
    LossyRelay relay(0.2, 9);
    Engine engine(parts());
    auto router = std::make_unique<RelayedRouter>();
    Client client = open(engine, relay, options);
    call(client, relay, *router, 300);
    const std::uint64_t before = relay.dropped();
    router = std::make_unique<RelayedRouter>();
    call(client, relay, *router, 300);
    client.close(30s);
    router->pump(relay);
    const RouterLedger ledger = router->ledger();
    const SessionLedger session = session_of(ledger);
    if (options != kBatched) {
      EXPECT_EQ(session.evidence, LossEvidence::kNone);
      EXPECT_EQ(session.unknown_because, "it began before this router");
      continue;
    }
    const StreamLedger& stream = session.clients.at(0).streams.at(0);
    EXPECT_GT(stream.since, before);
    // Of what was dropped, that which was before the first that came is not this router's.
    std::uint64_t dropped = 0;
    for (const NumberRange& range : relay.dropped_of(stream.number)) {
      if (range.first >= stream.since) dropped += range.count;
    }
    EXPECT_EQ(session.lost_on_way, dropped);
    EXPECT_EQ(stream.missing, dropped);
  }
}

TEST_F(LossySessions, AreNotClosedByAClientThatIsKilled) {
  RelayedRouter router;
  LossyRelay relay(0.2, 13);
  const pid_t child = ::fork();
  if (child == 0) {
    Engine engine(parts());
    Client client = open(engine, relay, kBatched);
    // Accounts enough that some arrive.
    while (client.stats().marks < 8) {
      METLOG_INFO(client, "message of a client that is killed");
      client.flush(30s);
    }
    std::raise(SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  router.pump(relay);
  ASSERT_EQ(relay.receiver().kernel_drops(), 0U);
  const RouterLedger ledger = router.ledger();
  ASSERT_EQ(ledger.sessions.worst.size(), 1U);
  const SessionLedger& session = ledger.sessions.worst[0];
  EXPECT_EQ(session.pid, child);
  ASSERT_EQ(session.clients.size(), 1U);
  EXPECT_NE(session.clients[0].state, Liveness::kClosed);
  // What was dropped behind the last that came is not known; of the rest, what the client has not
  // accounted for is undecided.
  const StreamLedger& stream = session.clients[0].streams.at(0);
  std::uint64_t dropped = 0;
  for (const NumberRange& range : relay.dropped_of(stream.number)) {
    if (range.first < stream.received + stream.missing) dropped += range.count;
  }
  EXPECT_EQ(session.lost_on_way + session.undecided, dropped);
  EXPECT_EQ(stream.missing, dropped);
}

}  // namespace
}  // namespace metlog
