// Ready messages: what a client adds to them, and what its filters and its sender see.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "metlog/message.h"
#include "tests/support/fake_clock.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

Message ready(std::string type, Value payload = "ready") {
  return Message({.type = std::move(type),
                  .utc_ns = 1'000'000'000'123'456'000,
                  .logger = "other",
                  .severity = 2,
                  .payload = std::move(payload),
                  .fields = {{"a", ValueMap{{"b", ValueList{1, 2.5, nullptr, "x"}}}}}});
}

TEST(SendMessage, AddsNothingButTheProcess) {
  TestEngine test;
  test.log().send_message(ready("t"));
  const std::vector<std::string> messages = test.settle();
  ASSERT_THAT(messages, SizeIs(1));
  expect_is_envelope(messages[0]);
  EXPECT_THAT(messages[0], HasSubstr(R"("type":"t","logger":"other","severity":2,)"));
  EXPECT_THAT(messages[0], HasSubstr(R"("timestamp":"2001-09-09T01:46:40.123456Z")"));
  EXPECT_THAT(messages[0], HasSubstr(R"("env_version":"0.8")"));
  EXPECT_EQ(payload_of(messages[0]), "ready");
  EXPECT_EQ(field_of(messages[0], "a"), R"({"b":[1,2.5,null,"x"]})");
  EXPECT_EQ(Client::env_version(), "0.8");
}

TEST(SendMessage, TakesMetricsAndPayloadsAsTheyAre) {
  TestEngine test;
  Message counter = ready("counter", 5);
  counter.change_fields() = {{"name", "n"}, {"rate", 7}};
  test.log().send_message(counter);
  test.log().send_message(ready("timer", nullptr));
  const std::vector<std::string> messages = test.settle();
  ASSERT_THAT(messages, SizeIs(2));
  EXPECT_THAT(messages[0], HasSubstr(R"("payload":5,"fields":{"name":"n","rate":7}})"));
  EXPECT_THAT(messages[1], HasSubstr(R"("payload":null,)"));
}

TEST(SendMessage, OfTimeZeroIsOfNow) {
  TestEngine test;
  Message now = ready("t");
  now.set_utc_ns(0);
  test.log().send_message(now);
  Message before_1970 = ready("t");
  before_1970.set_utc_ns(-1'000);
  test.log().send_message(before_1970);
  test.log().metlog("t");
  const std::vector<std::string> messages = test.settle();
  ASSERT_THAT(messages, SizeIs(3));
  EXPECT_THAT(messages[0], HasSubstr(kGoldenTime));
  EXPECT_THAT(messages[1], HasSubstr("1969-12-31T23:59:59.999999Z"));
  EXPECT_THAT(messages[2], HasSubstr(kGoldenTime)) << "later calls have their own";
}

TEST(SendMessage, GoesThroughTheFilters) {
  std::vector<std::int64_t> seen;
  ClientOptions options{.logger = "tests"};
  options.filters = {type_blacklist({"dropped"}), Filter("see", [&](Message& message) {
                       seen.push_back(message.utc_ns());
                       message.set_logger("changed");
                       return true;
                     })};
  TestEngine test({.client = options});
  test.log().send_message(ready("dropped"));
  test.log().send_message(ready("passed"));
  const std::vector<std::string> messages = test.settle();
  ASSERT_THAT(messages, SizeIs(1));
  EXPECT_THAT(messages[0], HasSubstr(R"("type":"passed","logger":"changed")"));
  EXPECT_THAT(messages[0], HasSubstr("2001-09-09T01:46:40.123456Z"));
  EXPECT_THAT(seen, ElementsAre(1'000'000'000'123'456'000));
  EXPECT_EQ(test.client().stats().filtered, 1U);
}

TEST(SendMessage, HasItsTimeInALine) {
  TestEngine text({.client = {.logger = "tests", .format = MessageFormat::kText}});
  text.log().send_message(ready("t"));
  EXPECT_THAT(
      text.settle(),
      ElementsAre(testing::StartsWith("2001-09-09T01:46:40.123456Z CRIT   other: t ready")));
}

TEST(SendMessage, ThatIsTooLongIsCounted) {
  TestEngine test;
  test.log().send_message(ready("t", std::string(CompositeWriter::kMaxBytes, 'x')));
  test.settle();
  EXPECT_EQ(test.client().stats().lost[LossReason::kTooBig], 1U);
}

TEST(SendMessage, ToAClosedClientDoesNothing) {
  TestEngine test;
  Client moved = std::move(test.client());
  test.client().send_message(ready("t"));
  test.client() = std::move(moved);
}

}  // namespace
}  // namespace metlog
