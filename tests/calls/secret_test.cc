// The form of a secret in messages and in the ring.

#include "metlog/secret.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "metlog/internal/emit/producer.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

template <class T>
using LastFour = secret<T, SecretForm::kLastFour>;
template <class T>
using Hashed = secret<T, SecretForm::kHashed>;

constexpr const char* kClear = "hunter2-SWORDFISH-9876";

template <class Secret>
std::string shown(const Secret& hidden) {
  const ShownSecret text = hidden.shown();
  return {text.data(), text.size()};
}

// All that this thread's ring holds so far.
std::string ring_bytes() {
  RingWriter& ring = t_producer->writer;
  std::string bytes;
  for (std::uint64_t pos = 0; pos < ring.pos(); ++pos) {
    bytes.append(reinterpret_cast<const char*>(&ring.cell_at(pos)), kCellBytes);
  }
  return bytes;
}

struct Account {
  int id;
  secret<std::string> password;
};
auto metlog_reduce(const Account& account) { return std::tuple(account.id, account.password); }

TEST(Secret, LooksAsItsFormSays) {
  EXPECT_EQ(shown(secret(std::string(kClear))), "***");
  EXPECT_EQ(shown(LastFour<std::string>(kClear)), "***9876");
  EXPECT_EQ(shown(LastFour<std::string>("7654321")), "***") << "too short to show any of it";
  EXPECT_EQ(shown(LastFour<std::uint64_t>(4111111111111234)), "***1234");
  EXPECT_EQ(shown(LastFour<const char*>(nullptr)), "***");
  EXPECT_EQ(shown(LastFour<std::string>("passw\xc3\xb6rt\xc3\xa4\xc3\xb6\xc3\xbc")),
            "***\xc3\xb6\xc3\xbc");
  EXPECT_EQ(shown(LastFour<std::string>("password\xe2\x82\xac\xe2\x82\xac")), "***\xe2\x82\xac");
  EXPECT_EQ(shown(secret(Account{1, secret(std::string("x"))})), "***") << "of any type";
}

TEST(Secret, IsHashedUnderAKey) {
  set_secret_key(0x0706050403020100, 0x0f0e0d0c0b0a0908);
  // The vector of the algorithm's authors: the key 00 01 .. 0f, the text 00 01 .. 0e.
  std::string text;
  for (char c = 0; c < 15; ++c) text += c;
  EXPECT_EQ(shown(Hashed<std::string>(text)), "a129ca6149be45e5");
  EXPECT_EQ(shown(Hashed<std::string>("")), "726fdb47dd0e0e31");
  EXPECT_EQ(shown(Hashed<int>(-42)), shown(Hashed<std::string>("-42")));
  const std::string keyed = shown(Hashed<std::string>(kClear));
  set_secret_key(0, 0);
  EXPECT_NE(shown(Hashed<std::string>(kClear)), keyed);
}

TEST(Secret, IsShownInEveryKindOfCall) {
  TestEngine test;
  const secret token{std::string(kClear)};
  METLOG_INFO(test.log(), "{} {:>5}", token, token, kv("token", token));
  METLOG_EVENT(test.log(), "login", payload(token), kv("token", LastFour<std::string>(kClear)));
  test.log().metlog("login", {.fields = {{"token", token.shown()}}}, token.shown());
  EXPECT_THAT(test.settle(),
              ElementsAre(envelope("oldstyle", 6, R"("***   ***")", R"("token":"***")"),
                          envelope("login", 6, R"("***")", R"("token":"***9876")"),
                          envelope("login", 6, R"("***")", R"("token":"***")")));
}

TEST(Secret, IsShownInsideOfContainers) {
  TestEngine test;
  const secret token{std::string(kClear)};
  using Token = secret<std::string>;
  METLOG_INFO(test.log(), "{}", std::vector<Token>{token, token});
  METLOG_INFO(test.log(), "{}", std::tuple(1, token));
  METLOG_INFO(test.log(), "{}", std::optional<Token>(token));
  METLOG_INFO(test.log(), "{}", std::map<int, Token>{{1, token}});
  METLOG_INFO(test.log(), "{}", Account{7, token}, kv("all", std::vector<Account>{{7, token}}));
  EXPECT_THAT(test.settle(),
              ElementsAre(envelope("oldstyle", 6, R"("[\"***\",\"***\"]")"),
                          envelope("oldstyle", 6, R"("[1,\"***\"]")"),
                          envelope("oldstyle", 6, R"("\"***\"")"),
                          envelope("oldstyle", 6, R"("{\"1\":\"***\"}")"),
                          envelope("oldstyle", 6, R"("[7,\"***\"]")", R"("all":[[7,"***"]])")));
}

TEST(Secret, LeavesNoByteOfItselfInTheRing) {
  TestEngine test;
  const secret token{std::string(kClear)};
  METLOG_INFO(test.log(), "{}", token, kv("token", token));
  METLOG_INFO(test.log(), "{}", std::vector{token, token});
  METLOG_INFO(test.log(), "{}", Hashed<std::string>(kClear));
  EXPECT_THAT(ring_bytes(), HasSubstr("***"));
  for (std::string_view rest = kClear; rest.size() >= 4; rest.remove_prefix(1)) {
    EXPECT_THAT(ring_bytes(), Not(HasSubstr(rest.substr(0, 4))));
  }
  METLOG_INFO(test.log(), "{}", token.reveal());
  EXPECT_THAT(ring_bytes(), HasSubstr(kClear)) << "or this test sees nothing";
  test.settle();
}

TEST(Secret, IsShownInStreams) {
  std::ostringstream out;
  out << secret(std::string(kClear)) << ' ' << LastFour<long>(12345678);
  EXPECT_EQ(out.str(), "*** ***5678");
}

TEST(Secret, HasNoWayToItsValueButReveal) {
  using Token = secret<std::string>;
  static_assert(!std::is_convertible_v<Token, std::string>);
  static_assert(!std::is_constructible_v<std::string, Token>);
  static_assert(!std::is_constructible_v<std::string_view, Token>);
  static_assert(!std::is_constructible_v<FieldValue, Token>);
  static_assert(!std::is_convertible_v<secret<int>, int>);
  static_assert(!std::is_convertible_v<std::string, Token>);
  static_assert(!Text<Token> && !Scalar<secret<int>>);
  EXPECT_EQ(secret(7).reveal(), 7);
}

}  // namespace
}  // namespace metlog
