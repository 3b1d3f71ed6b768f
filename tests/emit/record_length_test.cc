// Records of every length: within a cell, around the borders of cells, and longer than a ring
// takes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csetjmp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

std::string text_of_length(std::size_t length) {
  std::string text(length, ' ');
  for (std::size_t i = 0; i < length; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 26) % 26);
  return text;
}

TEST(Record, HasAnyLengthAroundTheBordersOfCells) {
  TestEngine test;
  std::vector<std::string> expected;
  for (std::size_t length = 0; length <= 200; ++length) {
    const std::string text = text_of_length(length);
    METLOG_INFO(test.log(), "{}", text);
    METLOG_INFO(test.log(), "{}{}", length, text, kv("t", text));
    expected.push_back(envelope("oldstyle", 6, '"' + text + '"'));
    expected.push_back(envelope("oldstyle", 6, '"' + std::to_string(length) + text + '"',
                                "\"t\":\"" + text + '"'));
    if (length % 50 == 0) test.settle();
  }
  EXPECT_EQ(test.settle(), expected);
}

TEST(Record, OfTheFunctionApiHasItsFieldsAnywhereAroundTheBordersOfCells) {
  TestEngine test;
  std::vector<std::string> expected;
  for (std::size_t length = 0; length <= 130; ++length) {
    const std::string type = text_of_length(length);
    test.log().metlog(type, {.fields = {{"userid", 25}, {"ms", -4.5}, {"t", "x"}, {"ok", true}}},
                      "foo");
    expected.push_back(envelope(type, 6, "\"foo\"", R"("userid":25,"ms":-4.5,"t":"x","ok":true)"));
  }
  EXPECT_EQ(test.settle(), expected);
}

TEST(Record, HasAnyLengthAtEveryPhaseOfASmallRing) {
  TestEngine test({.engine = {.ring_bytes = 4096, .session_directory = "none"}});
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < 3000; ++i) {
    const std::string text = text_of_length(i * 31 % 700);
    METLOG_INFO(test.log(), "{}", text);
    expected.push_back(envelope("oldstyle", 6, '"' + text + '"'));
    if (i % 3 == 2) test.settle();
  }
  EXPECT_EQ(test.settle(), expected);
}

TEST(Record, MayTakeManyCells) {
  TestEngine test;
  const std::string five_k = text_of_length(5'000);
  const std::string fifty_k = text_of_length(50'000);
  METLOG_INFO(test.log(), "{}", five_k);
  METLOG_INFO(test.log(), "{} {}", fifty_k, std::vector<int>(1000, 1));
  test.log().info(fifty_k);
  const std::vector<std::string> messages = test.settle();
  ASSERT_THAT(messages, SizeIs(3));
  EXPECT_EQ(payload_of(messages[0]), five_k);
  EXPECT_TRUE(payload_of(messages[1]).starts_with(fifty_k + " [1,1,"));
  EXPECT_EQ(payload_of(messages[2]), fifty_k);
}

TEST(Record, ThatIsTooBigIsToldOfWithItsSiteAndBeginning) {
  TestEngine test;
  METLOG_INFO(test.log(), "before");
  METLOG_INFO(test.log(), "{}", std::string(100'000, 'x'));
  const int line = __LINE__ - 1;
  METLOG_INFO(test.log(), "after");
  const std::vector<std::string> messages = test.settle();
  ASSERT_THAT(messages, SizeIs(3));
  EXPECT_EQ(payload_of(messages[0]), "before");
  EXPECT_EQ(payload_of(messages[2]), "after");
  ASSERT_TRUE(is_loss(messages[1]));
  EXPECT_EQ(loss_count(messages[1]), 1U);
  EXPECT_EQ(loss_reason(messages[1]), "too_big");
  EXPECT_THAT(field_of(messages[1], "site"),
              testing::EndsWith("record_length_test.cc:" + std::to_string(line) + "\""));
  EXPECT_EQ(field_of(messages[1], "beginning"), "\"xxxxxxxxxxxxxxxxxx\"");
  EXPECT_EQ(test.client().stats().lost[LossReason::kTooBig], 1U);
}

TEST(Record, WithACompositeThatIsTooBigIsToldOf) {
  TestEngine test;
  METLOG_INFO(test.log(), "{}", std::vector<std::string>(3, std::string(8'000, 'y')));
  METLOG_INFO(test.log(), "", kv("all", std::vector<int>(5'000)));
  METLOG_INFO(test.log(), "after");
  const std::vector<std::string> messages = test.settle();
  ASSERT_THAT(messages, SizeIs(3));
  EXPECT_EQ(loss_reason(messages[0]), "too_big");
  EXPECT_EQ(loss_reason(messages[1]), "too_big");
  EXPECT_EQ(payload_of(messages[2]), "after");
  EXPECT_EQ(test.client().stats().lost[LossReason::kTooBig], 2U);
}

TEST(Record, OfTheFunctionApiThatIsTooBigIsToldOf) {
  TestEngine test;
  const std::string big(20'000, 'z');
  test.log().metlog("t", {.fields = {{"f", big}}}, "p");
  test.log().incr("n", 1, {.fields = {{"f", big}}});
  test.log().timer_send("n", 1, {.fields = {{"f", big}}});
  { const Timer timer = test.log().timer("n", {.fields = {{"f", big}}}); }
  test.log().metlog("t", {}, big);
  test.log().info("after");
  const std::vector<std::string> messages = test.settle();
  ASSERT_THAT(messages, SizeIs(6));
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(loss_reason(messages[i]), "too_big") << i;
    // The place of the call is unknown.
    EXPECT_EQ(messages[i].find("\"site\""), std::string::npos) << messages[i];
  }
  EXPECT_EQ(payload_of(messages[5]), "after");
}

struct Thrower {};
int metlog_reduce(const Thrower&) { throw std::runtime_error("no value"); }

struct DeepThrower {};
std::vector<Thrower> metlog_reduce(const DeepThrower&) { return std::vector<Thrower>(1); }

TEST(Record, OfAnArgumentThatThrowsIsNotEmittedAndTheNextIsRight) {
  TestEngine test;
  METLOG_INFO(test.log(), "first");
  EXPECT_THROW(METLOG_INFO(test.client(), "{} {}", 1, Thrower()), std::runtime_error);
  EXPECT_THROW(METLOG_INFO(test.client(), "{}", DeepThrower()), std::runtime_error);
  EXPECT_THROW(METLOG_INFO(test.client(), "", kv("k", Thrower())), std::runtime_error);
  METLOG_INFO(test.log(), "{}", "last");
  EXPECT_THAT(test.settle(), ElementsAre(envelope("oldstyle", 6, "\"first\""),
                                         envelope("oldstyle", 6, "\"last\"")));
}

struct Chatterbox {
  TestEngine& test;
};
std::string metlog_reduce(const Chatterbox& box) {
  METLOG_INFO(box.test.log(), "inner {}", std::string(60, 'i'));
  METLOG_INCR(box.test.log(), "inner");
  return "reduced";
}

TEST(Record, OfAnArgumentThatLogsComesBehindWhatItLogged) {
  TestEngine test;
  METLOG_INFO(test.log(), "outer {} {}", 1, Chatterbox{test});
  METLOG_INFO(test.log(), "outer {}", std::vector{Chatterbox{test}});
  std::vector<std::string> payloads;
  for (const std::string& message : test.settle()) payloads.push_back(payload_of(message));
  const std::string inner = "inner " + std::string(60, 'i');
  EXPECT_THAT(payloads,
              ElementsAre(inner, "1", "outer 1 reduced", inner, "1", "outer [\"reduced\"]"));
}

std::jmp_buf g_way_out;
struct Jumper {};
int metlog_reduce(const Jumper&) { std::longjmp(g_way_out, 1); }

TEST(Record, OfAnArgumentThatJumpsOutIsNotEmittedAndTheNextIsRight) {
  TestEngine test;
  METLOG_INFO(test.log(), "first");
  if (setjmp(g_way_out) == 0) METLOG_INFO(test.client(), "{} {}", 1, Jumper());
  if (setjmp(g_way_out) == 0) METLOG_INFO(test.client(), "{}", std::optional(Jumper()));
  METLOG_INFO(test.log(), "last");
  EXPECT_THAT(test.settle(), ElementsAre(envelope("oldstyle", 6, "\"first\""),
                                         envelope("oldstyle", 6, "\"last\"")));
}

}  // namespace
}  // namespace metlog
