#include "tools/metlog/tune/measure/row.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metlog/internal/codec/frame_header.h"

namespace metlog {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

PointOptions asked_for(Transport transport, std::uint64_t rate = 0) {
  PointOptions asked;
  asked.measure = Measure::kThroughput;
  asked.setting.transport = transport;
  asked.rate = rate;
  return asked;
}

PointReport report_of(std::uint64_t emitted, std::uint64_t sent) {
  PointReport report;
  report.ledger.emitted = emitted;
  report.ledger.sent = sent;
  report.ledger.lost[LossReason::kRingFull] = emitted - sent;
  report.is_confirmed = true;
  report.start_ns = 1'000'000'000;
  report.end_ns = 2'000'000'000;
  return report;
}

void expect_adds_up(const Phase& phase) {
  EXPECT_EQ(phase.emitted, phase.delivered + phase.lost.total() + phase.not_arrived);
}

TEST(Judge, TakesTheReceiversWordForWhatArrivedAndWhen) {
  const Phase phase =
      judge(asked_for(Transport::kTcp), report_of(100, 100), Arrival{100, 0, 3'000'000'000});
  EXPECT_EQ(phase.fault, Fault::kNone);
  EXPECT_DOUBLE_EQ(phase.seconds, 2);
  EXPECT_DOUBLE_EQ(phase.per_second(), 50);
  expect_adds_up(phase);
}

TEST(Judge, SaysHowMuchWasLostAndWhere) {
  const Phase phase =
      judge(asked_for(Transport::kUdp), report_of(1000, 900), Arrival{850, 0, 2'000'000'000});
  EXPECT_EQ(phase.fault, Fault::kLost);
  EXPECT_EQ(phase.remark, "lost 15 % (ring_full 100, not_arrived 50)");
  expect_adds_up(phase);
}

TEST(Judge, KnowsASocketWithoutReader) {
  PointReport report = report_of(10, 10);
  EXPECT_EQ(judge(asked_for(Transport::kUdp), report, Arrival{}).remark, "no reader");
  report.ledger.sent = 6;
  report.ledger.lost[LossReason::kNoReceiver] = 4;
  const Phase partly = judge(asked_for(Transport::kTcp), report, Arrival{6, 0, 2'000'000'000});
  EXPECT_EQ(partly.fault, Fault::kNoReader);
  EXPECT_EQ(partly.remark, "no reader for 40 % of it");
  expect_adds_up(partly);
}

TEST(Judge, KnowsAFullDisk) {
  PointReport report = report_of(10, 0);
  report.ledger.lost = {};
  report.ledger.lost[LossReason::kRefused] = 10;
  EXPECT_EQ(judge(asked_for(Transport::kFile), report, std::nullopt).fault, Fault::kLost);
  report.is_disk_full = true;
  const Phase phase = judge(asked_for(Transport::kFile), report, std::nullopt);
  EXPECT_EQ(phase.fault, Fault::kDiskFull);
  EXPECT_EQ(phase.remark, "disk full");
  expect_adds_up(phase);
}

TEST(Judge, SaysWhenTheRateWasNotHeld) {
  const Phase phase = judge(asked_for(Transport::kNull, 1000), report_of(500, 500), std::nullopt);
  EXPECT_EQ(phase.fault, Fault::kRate);
  EXPECT_EQ(phase.remark, "rate not held: 500/s of 1000/s");
  // The last message may come a little later than the pace.
  EXPECT_TRUE(
      judge(asked_for(Transport::kNull, 509), report_of(500, 500), std::nullopt).is_clean());
  EXPECT_FALSE(
      judge(asked_for(Transport::kNull, 512), report_of(500, 500), std::nullopt).is_clean());
  EXPECT_TRUE(
      judge(asked_for(Transport::kNull, 500), report_of(500, 500), std::nullopt).is_clean());
}

TEST(Judge, TakesAnUnconfirmedOrUnexplainedReportForAFault) {
  PointReport report = report_of(10, 10);
  report.is_confirmed = false;
  EXPECT_EQ(judge(asked_for(Transport::kFile), report, std::nullopt).fault, Fault::kUnconfirmed);
  report.ledger.emitted = 11;
  EXPECT_EQ(judge(asked_for(Transport::kFile), report, std::nullopt).fault, Fault::kBroken);
  PointReport refused;
  refused.error = "unknown option 'batch'";
  refused.is_url_refused = true;
  const Phase phase = judge(asked_for(Transport::kTcpBatched), refused, Arrival{});
  EXPECT_EQ(phase.fault, Fault::kUnavailable);
  EXPECT_THAT(phase.remark, StartsWith("not available here: "));
  EXPECT_THAT(phase.remark, HasSubstr("'batch'"));
}

TEST(Judge, NeverRoundsALossAway) {
  EXPECT_EQ(share_text(1e-6), "under 0.1 %");
  EXPECT_EQ(share_text(0.005), "0.5 %");
  EXPECT_EQ(share_text(0.9999), "99 %");
  EXPECT_EQ(share_text(1), "100 %");
}

TEST(PointReport, SurvivesItsJson) {
  PointReport report = report_of(10, 7);
  report.error = "a \"quoted\"\nline";
  report.ledger.marks = 2;
  report.cpu_s = 0.25;
  report.peak_rss_bytes = 12345;
  report.cost = {97.5, 0.5, 0.25, 0.125};
  report.burst.samples = 3;
  report.burst.curve[5] = 99.5;
  const std::optional<PointReport> read = parse_point_report(to_json(report));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(to_json(*read), to_json(report));
  EXPECT_EQ(read->ledger.lost[LossReason::kRingFull], 3U);
  EXPECT_EQ(read->burst.p90(), 99.5);
  EXPECT_EQ(read->cost.kept_percent, 97.5);
}

TEST(PointReport, IsNotReadFromNonsense) {
  for (const char* const text : {"", "{", "[]", "{}", "null", "{\"lost\":3,\"error\":\"\"}"}) {
    EXPECT_FALSE(parse_point_report(text).has_value()) << text;
  }
}

TEST(UserMessages, LeaveTheEnginesOwnOut) {
  EXPECT_EQ(user_messages_in("{\"type\":\"oldstyle\"}"), 1);
  EXPECT_EQ(user_messages_in("{\"type\":\"metlog.loss\",\"x\":1}"), 0);
  const std::string lines =
      "{\"type\":\"oldstyle\",\"payload\":\"{\\\"type\\\":\\\"metlog.loss\\\"\"}\n"
      "{\"type\":\"metlog.loss\"}\n{\"type\":\"oldstyle\"}\n";
  FrameHeader header;
  header.count = 3;
  header.body_bytes = static_cast<std::uint32_t>(lines.size());
  std::string frame(FrameHeader::kBytes, '\0');
  header.write(reinterpret_cast<unsigned char*>(frame.data()), lines, 0);
  EXPECT_EQ(user_messages_in(frame + lines), 2);
  EXPECT_EQ(user_messages_in(frame + lines + " "), -1);
}

}  // namespace
}  // namespace metlog
