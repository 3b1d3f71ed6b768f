// Timers that are switched off by their names.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "metlog/internal/site/site_registry.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> names_of(const std::vector<std::string>& messages) {
  std::vector<std::string> names;
  for (const std::string& message : messages) {
    const std::string quoted = field_of(message, "name");
    names.push_back(quoted.substr(1, quoted.size() - 2));
  }
  return names;
}

void time_x(Client& log) { METLOG_TIMER(log, "x"); }
void time_y(Client& log) { METLOG_TIMER(log, "y"); }

/// A timer of either name by macro, and one by function.
void time_both(Client& log) {
  time_x(log);
  time_y(log);
  (void)log.timer("x");
  (void)log.timer("y");
}

TestEngine engine_with(std::vector<std::string> disabled) {
  ClientOptions options;
  options.logger = "tests";
  options.disabled_timers = std::move(disabled);
  return TestEngine({.client = options});
}

TEST(DisabledTimers, SendNothingAndOthersDo) {
  TestEngine test = engine_with({"x"});
  test.expect(2);
  time_both(test.client());
  EXPECT_THAT(names_of(test.settle()), ElementsAre("y", "y"));
}

TEST(DisabledTimers, WorkAgainOnceTheyAreEnabled) {
  TestEngine test = engine_with({"x"});
  test.client().enable_timer("x");
  test.expect(4);
  time_both(test.client());
  EXPECT_THAT(names_of(test.settle()), ElementsAre("x", "y", "x", "y"));
}

TEST(DisabledTimers, AreAllWithAStar) {
  TestEngine test = engine_with({"*"});
  time_both(test.client());
  EXPECT_TRUE(test.client().is_timer_disabled("z"));
  EXPECT_THAT(test.settle(), IsEmpty());
}

TEST(DisabledTimers, AreNoPatterns) {
  TestEngine test = engine_with({"x*"});
  test.expect(1);
  { METLOG_TIMER(test.client(), "xy"); }
  { METLOG_TIMER(test.client(), "x*"); }
  EXPECT_THAT(names_of(test.settle()), ElementsAre("xy"));
}

TEST(DisabledTimers, AreReplacedAsAWhole) {
  TestEngine test = engine_with({"x", "*"});
  test.client().set_disabled_timers({"y"});
  EXPECT_TRUE(test.client().is_timer_disabled("y"));
  EXPECT_FALSE(test.client().is_timer_disabled("x"));
  test.expect(2);
  time_both(test.client());
  EXPECT_THAT(names_of(test.settle()), ElementsAre("x", "x"));
  test.client().set_disabled_timers({});
  test.expect(4);
  time_both(test.client());
  EXPECT_EQ(test.settle().size(), 6U);
}

TEST(DisabledTimers, LeaveTimerSendAndCountersAlone) {
  TestEngine test = engine_with({"t", "*"});
  test.log().timer_send("t", 1);
  test.log().timer_send("t", 1, {.fields = {{"a", 1}}});
  test.log().incr("t");
  METLOG_INCR(test.log(), "t");
  EXPECT_THAT(names_of(test.settle()), ElementsAre("t", "t", "t", "t"));
}

TEST(DisabledTimers, AreThoseOfOneClient) {
  TestEngine test = engine_with({"x"});
  auto capture = std::make_shared<Capture>();
  Client other = *test.engine().open(std::make_unique<CaptureSender>(capture));
  test.expect(2);
  time_both(test.client());
  time_both(other);
  EXPECT_THAT(names_of(test.settle()), ElementsAre("y", "y"));
  EXPECT_THAT(names_of(capture->messages()), ElementsAre("x", "y", "x", "y"));
  EXPECT_EQ(other.stats().unexplained(), 0);
}

// More clients than have a bit of their own in a site's gate.
TEST(DisabledTimers, AreThoseOfEachOfManyClients) {
  TestEngine test = engine_with({"x"});
  std::vector<Client> clients;
  std::vector<std::shared_ptr<Capture>> captures;
  for (unsigned i = 0; i < 2 * gate::kNumbers; ++i) {
    ClientOptions options;
    options.disabled_timers = {i % 2 == 0 ? "x" : "y"};
    captures.push_back(std::make_shared<Capture>());
    auto sender = std::make_unique<CaptureSender>(captures.back());
    clients.push_back(*test.engine().open(std::move(sender), options));
  }
  for (int round = 0; round < 2; ++round) {
    for (Client& client : clients) time_both(client);
    step_until_quiet(test.engine());
    for (std::size_t i = 0; i < clients.size(); ++i) {
      const std::string_view sent = (i % 2 == 0) == (round == 0) ? "y" : "x";
      const std::vector<std::string> names = names_of(captures[i]->messages());
      ASSERT_EQ(names.size(), 2U * static_cast<std::size_t>(round + 1)) << i;
      EXPECT_EQ(names.back(), sent) << i;
      EXPECT_EQ(clients[i].stats().unexplained(), 0);
      clients[i].set_disabled_timers({sent});
    }
  }
}

/// The CPU time of switching so many names off and on, one by one.
double seconds_to_switch(Client& log, int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back("switched." + std::to_string(i));
  const std::clock_t begin = std::clock();
  for (const std::string& name : names) log.disable_timer(name);
  for (const std::string& name : names) EXPECT_TRUE(log.is_timer_disabled(name));
  for (const std::string& name : names) log.enable_timer(name);
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

TEST(DisabledTimers, AreSwitchedInATimeThatGrowsWithTheirNumber) {
  TestEngine test;
  (void)seconds_to_switch(test.client(), 4'000);
  double few = 1e9;  // the best of several: others use the processor too
  for (int round = 0; round < 3; ++round)
    few = std::min(few, seconds_to_switch(test.client(), 4'000));
  double many = 1e9;
  for (int round = 0; round < 3; ++round)
    many = std::min(many, seconds_to_switch(test.client(), 32'000));
  // Eight times for eight times the names; if each cost as much as all names, it would be 64 times.
  EXPECT_LT(many, 24 * few + 0.01);
}

TEST(DisabledTimers, AreSwitchedWithoutLookingAtOtherSites) {
  TestEngine test;
  Client& log = test.client();
  int asked = 0;
  log.disable_timer("x");
  // From now on each switch asks about the sites of one name.
  const std::uint32_t slot = log.gate().slot;
  SiteRegistry::instance().set_switches(slot, [&asked](const RegisteredSite&) {
    ++asked;
    return false;
  });
  asked = 0;
  for (int i = 0; i < 1'000; ++i) log.disable_timer("nobody's." + std::to_string(i));
  EXPECT_EQ(asked, 0);
  log.disable_timer("y");
  EXPECT_GT(asked, 0);
  EXPECT_LT(asked, 10);
}

TEST(DisabledTimers, AreForgottenWithTheirClient) {
  // A slot comes to a client again after 256 others.
  TestEngine test;
  for (int i = 0; i < 300; ++i) {
    ClientOptions options;
    if (i % 2 == 0) options.disabled_timers = {"x", "*"};
    auto capture = std::make_shared<Capture>();
    Client client = *test.engine().open(std::make_unique<CaptureSender>(capture), options);
    time_x(client);
    ASSERT_TRUE(client.flush(std::chrono::seconds(60)));
    ASSERT_EQ(capture->messages().size(), i % 2 == 0 ? 0U : 1U) << i;
    ASSERT_EQ(client.stats().unexplained(), 0);
  }
}

TEST(DisabledTimers, AreDecidedWhenTheScopeIsEntered) {
  TestEngine test = engine_with({"late"});
  test.expect(2);
  {
    METLOG_TIMER(test.client(), "early");
    const Timer function = test.client().timer("early");
    METLOG_TIMER(test.client(), "late");
    test.client().set_disabled_timers({"early"});
  }
  EXPECT_THAT(names_of(test.settle()), ElementsAre("early", "early"));
}

TEST(DisabledTimers, StayOffForSitesThatAreRegisteredLater) {
  TestEngine test = engine_with({"registered later"});
  static NamedSiteGate gate{};
  gate.bits.value = gate::of_kind(SiteKind::kTimer);
  const Site site = describe_site(
      {SiteKind::kTimer, Severity::kInfo, "registered later", "f", "g", 1}, nullptr, 0);
  EXPECT_TRUE(gate.admits(test.client().gate()));
  register_site(site, gate, &g_this_library);
  EXPECT_FALSE(gate.admits(test.client().gate()));
  test.client().enable_timer("registered later");
  EXPECT_TRUE(gate.admits(test.client().gate()));
}

TEST(DisabledTimers, MoveWithTheirClient) {
  TestEngine test;
  auto capture = std::make_shared<Capture>();
  ClientOptions options;
  options.disabled_timers = {"x"};
  Client first = *test.engine().open(std::make_unique<CaptureSender>(capture), options);
  Client second = std::move(first);
  time_both(second);
  second.enable_timer("x");
  time_x(second);
  EXPECT_FALSE(first.is_timer_disabled("x"));  // NOLINT: what a moved-from client says
  ASSERT_TRUE(second.flush(std::chrono::seconds(60)));
  EXPECT_THAT(names_of(capture->messages()), ElementsAre("y", "y", "x"));
}

// The lead's bar: nothing is lost, and every message is accounted for. TSan looks on.
TEST(DisabledTimers, MayBeSwitchedWhileOtherThreadsUseThem) {
  ClientOptions options;
  options.when_full = WhenFull::kBlock;
  options.logger = "tests";
  TestEngine test({.client = options, .threads = Engine::Threads::kOwn});
  std::atomic<bool> stop{false};
  std::thread switcher([&] {
    for (int i = 0; !stop.load(std::memory_order_relaxed); ++i) {  // relaxed: a flag alone
      test.client().disable_timer("x");
      if (i % 3 == 0) test.client().set_disabled_timers({"*", "z"});
      test.client().set_disabled_timers({});
    }
  });
  std::vector<std::thread> callers;
  for (int t = 0; t < 2; ++t) {
    callers.emplace_back([&] {
      for (int i = 0; i < 5000; ++i) {
        time_both(test.client());
        test.client().timer_send("x", i);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  stop.store(true, std::memory_order_relaxed);  // relaxed: as above
  switcher.join();
  ASSERT_TRUE(test.client().flush(std::chrono::seconds(60)));
  const Ledger ledger = test.client().stats();
  EXPECT_GE(ledger.emitted, 10'000U) << "timer_send() is never disabled";
  EXPECT_EQ(ledger.lost.total(), 0U);
  EXPECT_EQ(ledger.sent, ledger.emitted);
  test.expect(ledger.emitted);
}

}  // namespace
}  // namespace metlog
