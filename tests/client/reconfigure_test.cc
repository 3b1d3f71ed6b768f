// A living client gets another destination and other options.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/fake_clock.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A client whose destinations are captures, one after the other.
class Reconfigured : public testing::Test {
 protected:
  explicit Reconfigured(Engine::Threads threads = Engine::Threads::kNone) {
    Engine::Parts parts;
    parts.threads = threads;
    parts.options.session_directory = "none";
    parts.clock = std::make_unique<FakeClock>();
    engine_ = std::make_unique<Engine>(std::move(parts));
  }

  std::unique_ptr<CaptureSender> next_sender() {
    captures_.push_back(std::make_shared<Capture>());
    return std::make_unique<CaptureSender>(captures_.back());
  }
  Client open(const ClientOptions& options) { return *engine_->open(next_sender(), options); }
  std::vector<std::string> payloads(std::size_t capture) {
    std::vector<std::string> payloads;
    for (const std::string& message : captures_[capture]->messages()) {
      if (!is_loss(message)) payloads.push_back(payload_of(message));
    }
    return payloads;
  }
  /// What every test must find true at its end.
  void expect_conservation(Client& client, std::uint64_t emitted) {
    ASSERT_TRUE(client.flush(60s));
    const Ledger ledger = client.stats();
    EXPECT_EQ(ledger.emitted, emitted);
    EXPECT_EQ(ledger.unexplained(), 0);
    const Receipt receipt = client.close(60s);
    std::uint64_t delivered = 0;
    std::uint64_t reported = 0;
    for (const auto& capture : captures_) {
      for (const std::string& message : capture->messages()) {
        if (is_loss(message)) {
          reported += loss_count(message);
        } else {
          ++delivered;
        }
      }
    }
    EXPECT_EQ(delivered, receipt.sent);
    EXPECT_EQ(reported, receipt.lost) << "the streams tell of every loss";
    EXPECT_EQ(receipt.sent + receipt.lost + client.stats().filtered, emitted);
  }

  std::vector<std::shared_ptr<Capture>> captures_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(Reconfigured, SendsWhatCameBeforeToTheOldDestinationAndTheRestToTheNew) {
  Client client = open({});
  client.info("one");
  client.info("two");
  ASSERT_TRUE(reconfigure(client, next_sender()).ok());
  client.info("three");
  step_until_quiet(*engine_);
  EXPECT_THAT(payloads(0), ElementsAre("one", "two"));
  EXPECT_THAT(payloads(1), ElementsAre("three"));
  expect_conservation(client, 3);
}

// Statement 179 and the golden case "reconfigure".
TEST_F(Reconfigured, ReturnsToTheDefaultsOfWhatIsNotGiven) {
  ClientOptions everything;
  everything.logger = "app";
  everything.severity = 3;
  everything.disabled_timers = {"x"};
  everything.min_severity = Severity::kWarning;
  everything.stamped_by = StampedBy::kFlusher;
  Client client = open(everything);
  ASSERT_TRUE(reconfigure(client, next_sender()).ok());
  client.metlog("event");
  client.debug("debug");
  { METLOG_TIMER(client, "x"); }
  { const Timer timer = client.timer("x"); }
  EXPECT_FALSE(client.is_timer_disabled("x"));
  step_until_quiet(*engine_);
  const std::vector<std::string> messages = captures_[1]->messages();
  ASSERT_EQ(messages.size(), 4U);
  EXPECT_THAT(messages[0], HasSubstr(R"("logger":"","severity":6,)"));
  expect_conservation(client, 4);
}

TEST_F(Reconfigured, TakesTheNewOptions) {
  Client client = open({});
  ClientOptions options;
  options.logger = "app";
  options.severity = 3;
  options.disabled_timers = {"x"};
  options.format = MessageFormat::kText;
  ASSERT_TRUE(reconfigure(client, next_sender(), options).ok());
  client.metlog("event");
  client.metlog("event", {.fields = {{"a", 1}}});
  { METLOG_TIMER(client, "x"); }
  step_until_quiet(*engine_);
  EXPECT_THAT(captures_[1]->messages(),
              ElementsAre(HasSubstr(" ERROR  app: event"), HasSubstr(" ERROR  app: event a=1")));
  ASSERT_TRUE(reconfigure(client, next_sender()).ok());
  expect_conservation(client, 2);
}

TEST_F(Reconfigured, StaysAsItIsOnAnError) {
  Client client = open({.logger = "app", .severity = 3});
  const absl::Status no_scheme = reconfigure(client, "carrier-pigeon://x", {.logger = "other"});
  EXPECT_EQ(no_scheme.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(no_scheme.message()), HasSubstr("carrier-pigeon"));
  ClientOptions wrong;
  wrong.logger = "other";
  wrong.pool_size = 0;
  EXPECT_FALSE(reconfigure(client, "null:", wrong).ok());
  EXPECT_FALSE(reconfigure(client, "null:?format=neither").ok());
  client.metlog("event");
  step_until_quiet(*engine_);
  ASSERT_EQ(captures_[0]->messages().size(), 1U);
  EXPECT_THAT(captures_[0]->messages()[0], HasSubstr(R"("logger":"app","severity":3,)"));
  expect_conservation(client, 1);
}

TEST_F(Reconfigured, IsRefusedOnceItIsClosed) {
  Client client = open({});
  client.close(60s);
  const absl::Status status = reconfigure(client, "null:");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("closed"));
  Client moved = std::move(client);
  EXPECT_FALSE(reconfigure(client, "null:").ok());  // NOLINT: what a moved-from client says
}

TEST_F(Reconfigured, CountsWhatTheOldDestinationDidNotTakeAndReportsItToTheNew) {
  Client client = open({.close_limit = 0s});
  captures_[0]->script(std::vector(1000, Capture::busy()));
  client.info("one");
  client.info("two");
  ASSERT_TRUE(reconfigure(client, next_sender()).ok());
  client.info("three");
  step_until_quiet(*engine_);
  EXPECT_THAT(payloads(0), IsEmpty());
  EXPECT_THAT(payloads(1), ElementsAre("three"));
  EXPECT_EQ(client.stats().lost[LossReason::kExpired], 2U);
  expect_conservation(client, 3);
}

TEST_F(Reconfigured, LeavesToTheNewDestinationWhatAStuckOneLeftInTheRings) {
  ClientOptions small;
  small.batch_count = 1;
  small.batch_bytes = 1;
  small.close_limit = 0s;
  Client client = open(small);
  captures_[0]->script(std::vector(1000, Capture::busy()));
  for (const char* const text : {"one", "two", "three"}) client.info(text);
  step_until_quiet(*engine_);
  ASSERT_TRUE(reconfigure(client, next_sender()).ok());
  step_until_quiet(*engine_);
  EXPECT_THAT(payloads(1), ElementsAre("two", "three"));
  expect_conservation(client, 3);
}

TEST_F(Reconfigured, ReportsCallersLossesOnce) {
  ClientOptions options;
  options.when_full = WhenFull::kDrop;
  Client client = open(options);
  constexpr int kCalls = 20'000;
  for (int i = 0; i < kCalls; ++i) client.info("a text of a good many letters, so that it is full");
  ASSERT_TRUE(reconfigure(client, next_sender()).ok());
  client.info("after");
  step_until_quiet(*engine_);
  EXPECT_GT(client.stats().lost[LossReason::kRingFull], 0U);
  ASSERT_TRUE(reconfigure(client, next_sender()).ok());
  expect_conservation(client, kCalls + 1);
}

TEST_F(Reconfigured, TakesTheNewFiltersAndCountsWhatTheOldOnesDropped) {
  const Filter drop_all("drop_all", [](Message&) { return false; });
  ClientOptions filtered;
  filtered.filters = {severity_max(3), drop_all};
  Client client = open(filtered);
  client.error("dropped");
  client.info("masked");
  ASSERT_TRUE(reconfigure(client, next_sender()).ok());
  client.debug("passes");
  EXPECT_EQ(client.stats().filtered, 1U);
  filtered.filters = {type_blacklist({"oldstyle"})};
  ASSERT_TRUE(reconfigure(client, next_sender(), filtered).ok());
  client.emergency("masked");
  client.metlog("oldstyle", {}, "dropped by the flusher");
  METLOG_INCR(client, "n");
  step_until_quiet(*engine_);
  EXPECT_EQ(client.stats().filtered, 2U);
  EXPECT_THAT(payloads(1), ElementsAre("passes"));
  EXPECT_THAT(payloads(2), ElementsAre("1"));
  expect_conservation(client, 4);
}

class ReconfiguredUnderLoad : public Reconfigured {
 protected:
  ReconfiguredUnderLoad() : Reconfigured(Engine::Threads::kOwn) {}
};

void call_in_every_way(Client& client, int i) {
  METLOG_INFO(client, "call {}", i);
  METLOG_INCR(client, "counter");
  { METLOG_TIMER(client, "x"); }
  METLOG_EVENT(client, "event", kv("i", i));
  client.metlog("event", {.logger = "mine", .fields = {{"i", i}}}, i);
  client.incr("counter", i, {.severity = 3});
  { const Timer timer = client.timer("x", {.fields = {{"i", i}}}); }
}

// Calls go on in two threads while a third gives the client one destination after the other.
TEST_F(ReconfiguredUnderLoad, LosesNothing) {
  ClientOptions first;
  first.when_full = WhenFull::kBlock;
  Client client = open(first);
  std::vector<std::thread> callers;
  for (int t = 0; t < 2; ++t) {
    callers.emplace_back([&] {
      for (int i = 0; i < 3000; ++i) call_in_every_way(client, i);
    });
  }
  for (int round = 0; round < 20; ++round) {
    ClientOptions options;
    options.when_full = WhenFull::kBlock;
    options.logger = std::string("logger ").append(std::to_string(round));
    options.severity = round % 8;
    options.stamped_by = round % 2 == 0 ? StampedBy::kCaller : StampedBy::kFlusher;
    if (round % 3 == 0) options.disabled_timers = {"x"};
    if (round % 4 == 1) options.filters = {type_blacklist({"event"}), severity_max(5)};
    if (round % 4 == 2)
      options.filters = {Filter("odd", [](Message& message) {
        message.change_fields().set("seen", true);
        return message.payload() != Value("1");
      })};
    ASSERT_TRUE(reconfigure(client, next_sender(), options).ok());
    // Each caller counts a call after it has published it, so that one call of each may be sent but
    // not yet counted.
    ASSERT_GE(client.stats().unexplained(), -static_cast<std::int64_t>(callers.size()));
  }
  for (std::thread& caller : callers) caller.join();
  ASSERT_TRUE(client.flush(60s));
  const Ledger ledger = client.stats();
  EXPECT_EQ(ledger.lost.total(), 0U);
  EXPECT_LE(ledger.emitted, 2U * 3000 * 7);
  expect_conservation(client, ledger.emitted);
}

}  // namespace
}  // namespace metlog
