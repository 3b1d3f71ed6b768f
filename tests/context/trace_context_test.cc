// W3C's traceparent header, exactly as in the standard, and the ids that messages carry.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>

#include "metlog/context.h"
#include "metlog/trace_context.h"
#include "tests/context/context_fields.h"

namespace metlog {
namespace {

using testing::HasSubstr;

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kSpan = "00f067aa0ba902b7";
const std::string kHeader = "00-" + kTrace + "-" + kSpan + "-01";

std::string error_of(std::string_view header) {
  return std::string(parse_traceparent(header).status().message());
}

TEST(Traceparent, IsReadAndWritten) {
  const auto trace = parse_traceparent(kHeader);
  ASSERT_TRUE(trace.ok()) << trace.status();
  EXPECT_EQ(trace->trace_id[0], 0x4b);
  EXPECT_EQ(trace->span_id[7], 0xb7);
  EXPECT_EQ(trace->flags, TraceContext::kSampled);
  EXPECT_EQ(traceparent(*trace), kHeader);
}

TEST(Traceparent, KeepsTheSampledFlagAlone) {
  for (const auto& [flags, expected] :
       {std::pair{"00", "00"}, {"01", "01"}, {"ff", "01"}, {"fe", "00"}}) {
    const auto trace = parse_traceparent(kHeader.substr(0, 53) + flags);
    ASSERT_TRUE(trace.ok()) << trace.status();
    EXPECT_EQ(traceparent(*trace), kHeader.substr(0, 53) + expected);
  }
}

TEST(Traceparent, OfALaterVersionIsReadAsFarAsItIsKnown) {
  const std::string later = "cc" + kHeader.substr(2);
  for (const std::string& header : {later, later + "-", later + "-what-the-future-will-be-like"}) {
    const auto trace = parse_traceparent(header);
    ASSERT_TRUE(trace.ok()) << trace.status();
    EXPECT_EQ(traceparent(*trace), kHeader);
  }
  EXPECT_THAT(error_of(later + "x"), HasSubstr("no '-' after the flags"));
}

TEST(Traceparent, ThatIsWrongIsRefusedWithTheReason) {
  const std::string zeros(32, '0');
  const std::pair<std::string, std::string> rows[] = {
      {"", "'': has 0 characters, not 55"},
      {kHeader.substr(0, 54), "has 54 characters"},
      {kHeader + "-", "has 56 characters, not 55 as version 00"},
      {kHeader + " ", "has 56 characters"},
      {"ff" + kHeader.substr(2), "version ff"},
      {"FF" + kHeader.substr(2), "the version is not"},
      {"0x" + kHeader.substr(2), "the version is not"},
      {"00_" + kHeader.substr(3), "not of the form"},
      {kHeader.substr(0, 35) + "_" + kHeader.substr(36), "not of the form"},
      {kHeader.substr(0, 52) + "_01", "not of the form"},
      {"00-4BF92F3577B34DA6A3CE929D0E0E4736-" + kSpan + "-01", "the trace id is not 32 lower"},
      {"00-" + kTrace + "-00f067aa0ba902bg-01", "the parent id is not 16 lower"},
      {kHeader.substr(0, 53) + "0G", "the flags are not"},
      {kHeader.substr(0, 53) + "0A", "the flags are not"},
      {"00-" + zeros + "-" + kSpan + "-01", "the trace id is all zeros"},
      {"00-" + kTrace + "-" + zeros.substr(16) + "-01", "the parent id is all zeros"},
      {std::string(1 << 20, 'a'), "aaa...': no '-'"},
  };
  for (const auto& [header, why] : rows) {
    EXPECT_THAT(error_of(header), HasSubstr(why));
    EXPECT_LT(error_of(header).size(), 200U);
  }
}

TEST(TraceContext, OfAChildHasItsOwnSpanInTheSameTrace) {
  const TraceContext root = start_trace();
  std::set<std::string> headers = {traceparent(root)};
  for (int i = 0; i < 100; ++i) {
    const TraceContext child = child_of(root);
    EXPECT_EQ(child.trace_id, root.trace_id);
    EXPECT_EQ(child.flags, root.flags);
    headers.insert(traceparent(child));
    EXPECT_TRUE(parse_traceparent(traceparent(child)).ok());
  }
  EXPECT_EQ(headers.size(), 101U);
  EXPECT_NE(start_trace().trace_id, root.trace_id);
  EXPECT_EQ(start_trace(0).flags, 0);
}

TEST(ScopedTrace, PutsItsIdsIntoTheMessages) {
  TestEngine test;
  const ScopedContext context({{"tenant", "shop"}});
  {
    const ScopedTrace trace(*parse_traceparent(kHeader));
    EXPECT_EQ(trace.error(), "");
    METLOG_INFO(test.log(), "within");
    std::thread([&test, captured = capture_context()] {
      EXPECT_FALSE(current_trace().has_value());
      const AttachedContext attached(captured);
      EXPECT_EQ(traceparent(*current_trace()), kHeader);
      METLOG_INFO(test.log(), "elsewhere");
    }).join();
    const ScopedTrace child(child_of(*current_trace()));
    EXPECT_EQ(current_trace()->trace_id, parse_traceparent(kHeader)->trace_id);
    EXPECT_NE(traceparent(*current_trace()), kHeader);
  }
  EXPECT_FALSE(current_trace().has_value());
  METLOG_INFO(test.log(), "behind");
  const std::string with =
      R"({"tenant":"shop","trace_id":")" + kTrace + R"(","span_id":")" + kSpan + "\"}";
  EXPECT_EQ(settled_fields(test), (Fields{with, with, R"({"tenant":"shop"})"}));
}

}  // namespace
}  // namespace metlog
