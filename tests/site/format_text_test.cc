#include "metlog/internal/site/format_text.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Literals unchanged, placeholders as "#<arg>:<spec>".
std::vector<std::string> pieces(std::string_view format) {
  std::vector<std::string> found;
  const FormatError error = split_format(format, [&](const FormatSegment& segment) {
    const std::string piece(format.substr(segment.begin, segment.size));
    std::string shown;
    if (segment.arg != FormatSegment::kLiteral) {
      shown.append("#").append(std::to_string(segment.arg)).append(":");
      if (segment.width_arg != FormatSegment::kNoArg) {
        shown.append("w").append(std::to_string(segment.width_arg)).append(" ");
      }
      if (segment.precision_arg != FormatSegment::kNoArg) {
        shown.append("p").append(std::to_string(segment.precision_arg)).append(" ");
      }
    }
    found.push_back(shown.append(piece));
  });
  EXPECT_EQ(error.what, nullptr) << format;
  return found;
}

std::string error_of(std::string_view format) {
  const FormatError error = split_format(format, [](const FormatSegment&) {});
  return error.what == nullptr ? "" : error.what;
}

TEST(FormatText, IsSplitIntoLiteralsAndPlaceholders) {
  EXPECT_THAT(pieces(""), IsEmpty());
  EXPECT_THAT(pieces("text"), ElementsAre("text"));
  EXPECT_THAT(pieces("{}"), ElementsAre("#0:"));
  EXPECT_THAT(pieces("a{}b{}c"), ElementsAre("a", "#0:", "b", "#1:", "c"));
  EXPECT_THAT(pieces("{:>5}{:.3f}"), ElementsAre("#0:>5", "#1:.3f"));
  EXPECT_THAT(pieces("{1}{0:x}"), ElementsAre("#1:", "#0:x"));
  EXPECT_THAT(pieces("{:}"), ElementsAre("#0:"));
}

TEST(FormatText, TakesNumbersOfSpecificationsFromArguments) {
  EXPECT_THAT(pieces("{:{}}{}"), ElementsAre("#0:w1 {}", "#2:"));
  EXPECT_THAT(pieces("{:.{}f}"), ElementsAre("#0:p1 .{}f"));
  EXPECT_THAT(pieces("{:*>{}.{}f} {}"), ElementsAre("#0:w1 p2 *>{}.{}f", " ", "#3:"));
  EXPECT_THAT(pieces("{2:{0}.{1}}"), ElementsAre("#2:w0 p1 {0}.{1}"));
}

TEST(FormatText, MayHoldBraces) {
  EXPECT_THAT(pieces("{{"), ElementsAre("{"));
  EXPECT_THAT(pieces("}}"), ElementsAre("}"));
  EXPECT_THAT(pieces("{{}}"), ElementsAre("{", "}"));
  EXPECT_THAT(pieces("{{{}}}"), ElementsAre("{", "#0:", "}"));
  EXPECT_THAT(pieces("{{0}}"), ElementsAre("{", "0}"));
}

TEST(FormatText, IsRefusedWhenItsBracesDoNotFit) {
  EXPECT_NE(error_of("{"), "");
  EXPECT_NE(error_of("}"), "");
  EXPECT_NE(error_of("{{}"), "");
  EXPECT_NE(error_of("{:>5"), "");
  EXPECT_NE(error_of("{:{}"), "");
  EXPECT_NE(error_of("{:{}{}}"), "");
  EXPECT_NE(error_of("{:.{}.{}}"), "");
  EXPECT_NE(error_of("{:{:5}}"), "");
  EXPECT_NE(error_of("{:{<5}"), "");
  EXPECT_NE(error_of("{:{0}}"), "");
  EXPECT_NE(error_of("{0:{}}"), "");
  EXPECT_NE(error_of("{x}"), "");
  EXPECT_NE(error_of("{0}{}"), "");
  EXPECT_NE(error_of("{}{0}"), "");
  EXPECT_NE(error_of("{1000000}"), "");
}

TEST(FormatText, HasABoundedLength) {
  EXPECT_EQ(error_of(std::string(65'534, 'x')), "");
  EXPECT_NE(error_of(std::string(65'535, 'x')), "");
}

}  // namespace
}  // namespace metlog
