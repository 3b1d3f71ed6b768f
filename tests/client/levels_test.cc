#include "metlog/levels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "metlog/internal/engine/level_rules.h"
#include "senders/sender/capture_sender.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// Opens clients of one engine, and removes the rules of a test at its end: they are the process's.
class LevelsTest : public testing::Test {
 protected:
  ~LevelsTest() override {
    for (const std::string& name : named_) reset_level(name);
  }

  Client open(std::string logger, std::optional<Severity> level = std::nullopt) {
    return test_.engine()
        .open(std::make_unique<CaptureSender>(capture_),
              {.logger = std::move(logger), .min_severity = level})
        .value();
  }
  void set(const std::string& logger, Severity level) {
    named_.push_back(logger);
    ASSERT_TRUE(set_level(logger, level).ok());
  }
  /// The least severe call that the client makes, by its text; "off" for none.
  std::string level_of_calls(Client& client) {
    const std::size_t before = capture_->messages().size();
    METLOG_EMERGENCY(client, "emergency");
    METLOG_ERROR(client, "error");
    METLOG_WARN(client, "warning");
    METLOG_INFO(client, "info");
    METLOG_DEBUG(client, "debug");
    METLOG_TRACE(client, "trace");
    step_until_quiet(test_.engine());
    EXPECT_EQ(client.stats().unexplained(), 0);
    const std::vector<std::string> all = capture_->messages();
    std::string last = "off";
    for (const std::string_view text :
         {"emergency", "error", "warning", "info", "debug", "trace"}) {
      for (std::size_t i = before; i < all.size(); ++i) {
        if (all[i].find('"' + std::string(text) + '"') != std::string::npos) last = text;
      }
    }
    return last;
  }
  TestEngine& engine() { return test_; }

 private:
  TestEngine test_;
  std::shared_ptr<Capture> capture_ = std::make_shared<Capture>();
  std::vector<std::string> named_;
};

TEST_F(LevelsTest, HoldForALoggerAndThoseBelowIt) {
  Client db = open("db");
  Client pool = open("db.pool");
  Client other = open("dbx");
  set("db", Severity::kWarning);
  EXPECT_EQ(level_of_calls(db), "warning");
  EXPECT_EQ(level_of_calls(pool), "warning");
  EXPECT_EQ(level_of_calls(other), "debug");
  set("db.pool", Severity::kTrace);
  EXPECT_EQ(level_of_calls(db), "warning");
  EXPECT_EQ(level_of_calls(pool), "trace");
  set("*", Severity::kError);
  EXPECT_EQ(level_of_calls(pool), "trace");
  EXPECT_EQ(level_of_calls(other), "error");
  EXPECT_TRUE(reset_level("db.pool"));
  EXPECT_FALSE(reset_level("db.pool"));
  EXPECT_EQ(level_of_calls(pool), "warning");
}

TEST_F(LevelsTest, HoldForClientsThatAreOpenedLater) {
  set("net", kSeverityOff);
  Client tls = open("net.tls");
  EXPECT_EQ(level_of_calls(tls), "off");
  METLOG_INCR(tls, "n");
  METLOG_EVENT(tls, "e");
  step_until_quiet(engine().engine());
  EXPECT_EQ(tls.stats().emitted, 0U);
  EXPECT_EQ(level_of("net.tls.session"), kSeverityOff);
  EXPECT_EQ(level_of("other"), Severity::kDebug);
}

TEST_F(LevelsTest, OfAClientsOwnComeBeforeThoseAbove) {
  set("db", Severity::kTrace);
  Client own = open("db.pool", Severity::kError);
  EXPECT_EQ(level_of_calls(own), "error");
  set("*", Severity::kInfo);
  set("db", Severity::kInfo);
  EXPECT_EQ(level_of_calls(own), "error");
  set("db.pool", Severity::kInfo);  // of this very name: the last word counts
  EXPECT_EQ(level_of_calls(own), "info");
  own.set_min_severity(Severity::kDebug);
  EXPECT_EQ(level_of_calls(own), "debug");
}

TEST_F(LevelsTest, AreInheritedFromOpenClients) {
  Client pool = open("db.pool.a");
  {
    Client db = open("db", Severity::kWarning);
    EXPECT_EQ(level_of_calls(pool), "warning");
    db.set_min_severity(Severity::kInfo);
    EXPECT_EQ(level_of_calls(pool), "info");
    Client moved = std::move(db);
    EXPECT_EQ(level_of_calls(moved), "info");
    set("db", Severity::kError);
    EXPECT_EQ(level_of_calls(moved), "error");
    EXPECT_EQ(level_of_calls(pool), "error");
    EXPECT_TRUE(reset_level("db"));
    EXPECT_EQ(level_of_calls(moved), "error") << "which it was given";
  }
  EXPECT_EQ(level_of_calls(pool), "debug");
}

TEST_F(LevelsTest, OfOneClientAreNotThoseOfAnotherOfItsName) {
  Client file = open("app", Severity::kTrace);
  Client console = open("app", Severity::kWarning);
  Client plain = open("app");
  EXPECT_EQ(level_of_calls(file), "trace");
  EXPECT_EQ(level_of_calls(console), "warning");
  EXPECT_EQ(level_of_calls(plain), "debug");
}

TEST_F(LevelsTest, AreThoseOfTheNewLoggerAfterAReconfigure) {
  set("a", Severity::kError);
  set("b", Severity::kInfo);
  Client client = open("a");
  EXPECT_EQ(level_of_calls(client), "error");
  ASSERT_TRUE(Engine::reconfigure(client, "null:", {.logger = "b"}).ok());
  const std::uint64_t before = client.stats().emitted;
  EXPECT_EQ(level_of_calls(client), "off") << "the messages go to null:";
  EXPECT_EQ(client.stats().emitted, before + 4);
}

TEST_F(LevelsTest, DoNotOpenAClientThatIsClosed) {
  Client client = open("a");
  client.close(std::chrono::seconds(60));
  set("a", Severity::kTrace);
  client.set_min_severity(Severity::kTrace);
  EXPECT_EQ(level_of_calls(client), "off");
}

TEST_F(LevelsTest, MayBeSetWhileOthersLogAndOpen) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([this, i] {
      for (int round = 0; round < 200; ++round) {
        const std::string name = "busy.t" + std::to_string(i);
        ASSERT_TRUE(set_level("busy", round % 2 == 0 ? Severity::kError : Severity::kTrace).ok());
        Client client = open(name);
        METLOG_ERROR(client, "x");
        client.set_min_severity(Severity::kInfo);
        const Client moved = std::move(client);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(reset_level("busy"));
  step_until_quiet(engine().engine());
}

TEST_F(LevelsTest, RefuseWhatIsNoName) {
  for (const char* const name : {"", ".", "a.", ".a", "a..b", "a b", "a=b", "a,b", "a.*"}) {
    EXPECT_THAT(std::string(set_level(name, Severity::kInfo).message()), HasSubstr("no name"))
        << name;
  }
  EXPECT_THAT(std::string(set_level("a", static_cast<Severity>(9)).message()),
              HasSubstr("the level 9 of 'a' is not from -1 to 8"));
  EXPECT_EQ(level_of("a"), Severity::kDebug);
}

std::string read(std::string_view text) {
  const absl::StatusOr<LevelRules> rules = LevelRules::parse(text);
  return rules.ok() ? rules->text() : std::string(rules.status().message());
}

TEST(LevelRules, AreReadAsTheyAreWritten) {
  EXPECT_EQ(read("*=info,db=debug,net.tls=off"), "*=info,db=debug,net.tls=off");
  EXPECT_EQ(read(" db = WARN , * = 3,, "), "*=error,db=warning");
  EXPECT_EQ(read("trace"), "*=trace");
  EXPECT_EQ(read("db=info,db=8"), "db=trace");
  EXPECT_EQ(read(""), "");
}

TEST(LevelRules, SayWhichPartIsWrong) {
  EXPECT_EQ(read("*=info,db=debig"), "db=debig: debig is no level; did you mean debug?");
  EXPECT_EQ(read("db=xyzzy"),
            "db=xyzzy: xyzzy is no level; levels are 0 to 8 or emergency, alert, critical, error, "
            "warning, notice, info, debug, trace, off");
  EXPECT_EQ(read("db="), "db=: the level is missing, as in db=debug");
  EXPECT_EQ(read("verbos"),
            "verbos: verbos is no level; levels are 0 to 8 or emergency, alert, critical, error, "
            "warning, notice, info, debug, trace, off");
  EXPECT_THAT(read("=info"), HasSubstr("is no name of a logger"));
  EXPECT_THAT(read("db.*=info"), HasSubstr("db.*: is no name of a logger"));
}

}  // namespace
}  // namespace metlog
