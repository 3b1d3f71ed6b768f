#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "metlog/levels.h"
#include "metlog/metlog.h"

// The process reads the variable once, when its first client is opened. So each test has a process
// of its own, and this is stored before any of them.

namespace metlog {
namespace {

const bool kIsSet = ::setenv("METLOG_LEVEL", "*=notice,db=trace,db.pool=off", 1) == 0;

/// The least severe call that passes, by its number; -1 for none.
int level_of_calls(Client& client) {
  int level = -1;
  const auto passes = [&client](Severity severity) {
    return (client.gate().blocked.load(Order::kRelaxed) & gate::of_severity(severity)) == 0;
  };
  while (level < 8 && passes(static_cast<Severity>(level + 1))) ++level;
  return level;
}

Client open_null(const std::string& logger, std::optional<Severity> level = std::nullopt) {
  return open("null:", {.logger = logger, .min_severity = level}).value();
}

TEST(LevelEnvironment, ComesBeforeWhatTheProgramSays) {
  ASSERT_TRUE(kIsSet);
  Client app = open_null("app", Severity::kDebug);
  Client db = open_null("db.cache", Severity::kError);
  Client pool = open_null("db.pool.a");
  EXPECT_EQ(level_of_calls(app), 5);
  EXPECT_EQ(level_of_calls(db), 8);
  EXPECT_EQ(level_of_calls(pool), -1);
  app.set_min_severity(Severity::kTrace);
  ASSERT_TRUE(set_levels("db=error,app=trace").ok());
  EXPECT_EQ(level_of_calls(app), 5);
  EXPECT_EQ(level_of_calls(db), 8);
  EXPECT_EQ(levels_text(), "*=notice,db=trace,db.pool=off,app=trace,db=error");
}

TEST(LevelEnvironmentDeathTest, SaysWhatIsWrongWithItAndHasNoEffectThen) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto open_with_wrong_level = [] {
    ::setenv("METLOG_LEVEL", "db=debug,*=loud", 1);
    Client client = open_null("db", Severity::kError);
    std::exit(level_of_calls(client));
  };
  EXPECT_EXIT(open_with_wrong_level(), testing::ExitedWithCode(3),
              "METLOG_LEVEL has no effect: \\*=loud: loud is no level");
}

}  // namespace
}  // namespace metlog
