// From a host's logging library into metlog, and what happens when both directions are bridged.

#include "metlog/host_logger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "metlog/internal/provider/host_echo.h"
#include "tests/provider/host_world.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::ElementsAre;

/// A hook that ends with the test.
class Hooked {
 public:
  Hooked(std::string name, Client& client) : name_(std::move(name)), client_(client) {
    EXPECT_TRUE(hook_logger(name_, client_));
  }
  ~Hooked() { EXPECT_TRUE(unhook_logger(name_, client_)); }
  Hooked(const Hooked&) = delete;
  Hooked& operator=(const Hooked&) = delete;

 private:
  const std::string name_;
  Client& client_;
};

TEST(HookLogger, SendsOldstyleMessagesWithTheText) {
  TestEngine test;
  const Hooked hooked("app", test.client());
  HookSink("app").log(HostLevel::kInfo, "100% done");
  HookSink("app").log(Severity::kEmergency, "on fire");
  test.expect(2);
  EXPECT_THAT(test.settle(), ElementsAre(envelope("oldstyle", 6, R"("100% done")"),
                                         envelope("oldstyle", 0, R"("on fire")")));
}

TEST(HookLogger, TakesTheNearestSeverity) {
  const int levels[] = {-5, 0, 5, 10, 14, 15, 19, 20, 25, 30, 35, 40, 45, 50, 60};
  std::vector<int> severities;
  for (const int level : levels) {
    severities.push_back(static_cast<int>(severity_of(HostLevel{level})));
  }
  EXPECT_THAT(severities, ElementsAre(7, 7, 7, 7, 7, 6, 6, 6, 4, 4, 3, 3, 2, 2, 2));
}

TEST(HookLogger, DoesNothingTheSecondTime) {
  TestEngine test;
  const Hooked hooked("app", test.client());
  EXPECT_FALSE(hook_logger("app", test.client()));
  HookSink("app").log(HostLevel::kInfo, "once");
  test.expect(1);
  EXPECT_EQ(test.settle().size(), 1U);
}

TEST(HookLogger, HasWhatIsBelowItsName) {
  TestEngine test;
  {
    const Hooked hooked("db", test.client());
    HookSink("db.pool").log(HostLevel::kInfo, "below");
    HookSink("dbx").log(HostLevel::kInfo, "beside");
    HookSink("").log(HostLevel::kInfo, "above");
  }
  HookSink("db").log(HostLevel::kInfo, "unhooked");
  {
    const Hooked root("", test.client());
    const Hooked db("db", test.client());
    HookSink("db").log(HostLevel::kInfo, "by two names");
    HookSink("x").log(HostLevel::kInfo, "by one");
  }
  test.expect(3);
  const std::vector<std::string> messages = test.settle();
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(payload_of(messages[0]), "below");
  EXPECT_EQ(payload_of(messages[1]), "by two names");
  EXPECT_EQ(payload_of(messages[2]), "by one");
}

TEST(HookLogger, HasNoThreadInsideOnceItIsUnhooked) {
  TestEngine test;
  std::atomic<bool> stopping{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&stopping] {
      const HookSink sink("busy");
      // relaxed: a switch
      while (!stopping.load(std::memory_order_relaxed)) sink.log(HostLevel::kInfo, "text");
    });
  }
  for (int i = 0; i < 100; ++i) {
    Client client = *test.engine().open("null:");
    ASSERT_TRUE(hook_logger("busy", client));
    ASSERT_TRUE(unhook_logger("busy", client));
    EXPECT_FALSE(unhook_logger("busy", client));
    // Its end: a thread inside would be seen by the sanitizers.
  }
  stopping.store(true, std::memory_order_relaxed);
  for (std::thread& thread : threads) thread.join();
}

TEST(BothBridges, EndALoopOfALibraryThatCallsItsSinksAtOnce) {
  HostWorld host("loop");
  Client& client = host.open({{"logger_name", "loop"}});
  const Hooked hooked("", client);
  // As a sink with a pattern does: the text that comes back is another.
  host.and_then = [](const HostRecord& record) {
    HookSink("loop").log(record.level, std::string("[loop] ").append(record.text));
  };
  const std::uint64_t before = hook_echoes();
  client.info("one");
  client.metlog("two", {}, "two");
  EXPECT_EQ(host.lines().size(), 2U);
  EXPECT_EQ(hook_echoes() - before, 2U);
  HookSink("loop").log(HostLevel::kInfo, "the library's own");
  EXPECT_EQ(host.lines().back(), "loop INFO the library's own");
  EXPECT_EQ(host.lines().size(), 3U);
}

TEST(BothBridges, EndALoopOfALibraryThatHasAQueue) {
  HostWorld host("loop", true);
  Client& client = host.open({{"logger_name", "loop"}});
  const Hooked hooked("loop", client);
  std::deque<std::pair<HostLevel, std::string>> queue;
  host.and_then = [&](const HostRecord& record) { queue.emplace_back(record.level, record.text); };
  const auto drain = [&] {
    for (; !queue.empty(); queue.pop_front()) {
      HookSink("loop").log(queue.front().first, queue.front().second);
    }
  };
  const std::uint64_t before = hook_echoes();
  for (int i = 0; i < 3; ++i) client.info("the same");
  EXPECT_EQ(host.lines().size(), 3U);
  drain();
  EXPECT_EQ(host.lines().size(), 3U);
  EXPECT_EQ(hook_echoes() - before, 3U);
  // What the library's users say in the same words is theirs.
  HookSink("loop").log(HostLevel::kInfo, "the same");
  EXPECT_EQ(host.lines().size(), 4U);
  drain();
  EXPECT_EQ(host.lines().size(), 4U);
  EXPECT_EQ(hook_echoes() - before, 4U);
}

TEST(HostEcho, ForgetsTheOldestOfMoreThanItRemembers) {
  const auto give = [](const std::string& text) {
    const HostEcho::Scope scope(HostLevel::kInfo, text, true);
  };
  give("first");
  for (std::size_t i = 0; i < HostEcho::kRemembered; ++i) give("another");
  EXPECT_FALSE(HostEcho::is_echo(HostLevel::kInfo, "first"));
  EXPECT_FALSE(HostEcho::is_echo(HostLevel::kError, "another"));
  for (std::size_t i = 0; i < HostEcho::kRemembered; ++i) {
    ASSERT_TRUE(HostEcho::is_echo(HostLevel::kInfo, "another"));
  }
  EXPECT_FALSE(HostEcho::is_echo(HostLevel::kInfo, "another"));
}

}  // namespace
}  // namespace metlog
