#include <gtest/gtest.h>

#include <string>

#include "tests/hot_path/allocation_count.h"
#include "tests/router/decoding.h"
#include "tests/router/envelope.h"
#include "tools/router/match/message_matcher.h"

namespace metlog {
namespace {

void expect_no_allocation(const MessageMatcher& matcher, const std::string& text) {
  Decoding decoding;
  ASSERT_EQ(decoding.outcome(text), "accepted");
  const DecodedMessage& message = decoding.message();
  // RE2 learns, and the thread gets memory for the texts that it has to copy.
  for (std::size_t i = 0; i < kUnescapedTexts; ++i) ASSERT_TRUE(matcher.matches(message));
  const std::uint64_t before = allocation_count();
  bool holds = true;
  for (int i = 0; i < 1000; ++i) holds = holds && matcher.matches(message);
  EXPECT_EQ(allocation_count(), before);
  EXPECT_TRUE(holds);
}

TEST(MessageMatcher, AllocatesNothingForAMessage) {
  const absl::StatusOr<MessageMatcher> matcher = MessageMatcher::compile(
      R"(Type == 'none' || Logger =~ /^none/ || Timestamp < 5 || Payload == '[1,3]' || )"
      R"(Fields[name] =~ /q.*x\.[0-9]+$/ || Fields[a][0][1] == 7 || Fields[o.p] == 'none' || )"
      R"(Fields[missing] != NIL || Fields[escaped] == '' || Fields[key with an escape] == 7 || )"
      R"(Severity == 1.5 || Uuid != '' || Payload =~ /^\[1, ?2\]$/)");
  ASSERT_TRUE(matcher.ok()) << matcher.status();
  const std::string fields = R"({"name":"q.users.12","a":[1,2],"o":{"p":"some"},)"
                             R"("escaped":"one\tthat is copied")";
  expect_no_allocation(*matcher, envelope({{"payload", "[1, 2]"}, {"fields", fields + "}"}}));
  // One that the scan does not take.
  expect_no_allocation(
      *matcher,
      envelope({{"payload", "[1, 2]"}, {"fields", fields + R"(,"key\u0020with an escape":1})"}}));
}

}  // namespace
}  // namespace metlog
