#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tools/router/match/message_matcher.h"

namespace metlog {
namespace {

/// Each line of a block of text in docs/matcher.md is an expression and, after two spaces or more,
/// what it means.
TEST(DocumentedExpressions, Compile) {
  std::ifstream document(METLOG_DOCS_DIR "/matcher.md");
  int count = 0;
  bool is_in_block = false;
  for (std::string line; std::getline(document, line);) {
    if (line.starts_with("```")) {
      is_in_block = line == "```text";
    } else if (is_in_block) {
      const std::string expression = line.substr(0, line.find("  "));
      const absl::StatusOr<MessageMatcher> matcher = MessageMatcher::compile(expression);
      EXPECT_TRUE(matcher.ok()) << matcher.status();
      if (!matcher.ok()) continue;
      EXPECT_TRUE(matcher->notes().empty()) << expression;
      ++count;
    }
  }
  EXPECT_GE(count, 10);
}

}  // namespace
}  // namespace metlog
