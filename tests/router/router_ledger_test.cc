#include "tools/router/router_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

namespace metlog {
namespace {

using testing::HasSubstr;

RouterLedger example() {
  RouterLedger ledger;
  ledger.inputs.push_back(
      {"tcp://a", {.frames = 70, .kernel_drops = 0, .errors = 0, .handshakes = 0}});
  ledger.inputs.push_back(
      {"udp://b", {.frames = 30, .kernel_drops = 4, .errors = 0, .handshakes = 0}});
  ledger.inputs.push_back(
      {"handshake+tcp://c", {.frames = 0, .kernel_drops = 0, .errors = 0, .handshakes = 6}});
  ledger.frames.plain = 77;
  ledger.frames.batched = 20;
  ledger.frames.lines = 23;
  ledger.frames.damaged[static_cast<std::size_t>(FrameDamage::kChecksum)] = 3;
  ledger.sequence = {.streams = 5,
                     .forgotten = 1,
                     .missing = 17,
                     .missing_at_start = 0,
                     .unknown_at_start = 0,
                     .late_frames = 2,
                     .late_messages = 4};
  ledger.worst_streams.push_back({std::string(32, 'a'), 7, 19, 17, 0, 2});
  ledger.accepted = 98;
  ledger.engine_messages = 3;
  ledger.rejected[static_cast<std::size_t>(RejectReason::kNotUtf8)] = 2;
  OutputLedger output;
  output.url = "file:///var/\"x\"";
  output.not_matched = 8;
  output.routed = 90;
  output.written = 80;
  output.lost[LossReason::kRefused] = 6;
  output.lost[LossReason::kQueueFull] = 3;
  output.pending = 1;
  ledger.outputs.push_back(output);
  return ledger;
}

TEST(RouterLedger, ExplainsEveryFrame) {
  EXPECT_EQ(example().received_frames(), 100U);
  EXPECT_EQ(example().messages(), 100U);
  EXPECT_EQ(example().rejected_total(), 2U);
  EXPECT_EQ(example().lost_total(), 9U);
  EXPECT_EQ(example().kernel_drops(), 4U);
  EXPECT_EQ(example().unexplained(), 0U);
}

TEST(RouterLedger, FindsAFrameWithoutAnAccount) {
  RouterLedger ledger = example();
  ++ledger.inputs[0].counts.frames;
  EXPECT_EQ(ledger.unexplained(), 1U);
}

TEST(RouterLedger, FindsALineWithoutAnAccount) {
  RouterLedger ledger = example();
  ++ledger.frames.lines;
  EXPECT_EQ(ledger.unexplained(), 1U);
}

TEST(RouterLedger, LetsNoTwoErrorsCancelOut) {
  RouterLedger ledger = example();
  ++ledger.outputs[0].written;      // one too many here
  --ledger.outputs[0].not_matched;  // one too few there
  EXPECT_EQ(ledger.unexplained(), 2U);
}

TEST(RouterLedger, IsOneJsonObject) {
  simdjson::dom::parser parser;
  const simdjson::dom::element json = parser.parse(to_json(example()));
  EXPECT_EQ(std::uint64_t(json["received"]), 100U);
  EXPECT_EQ(std::uint64_t(json["accepted"]), 98U);
  EXPECT_EQ(std::uint64_t(json["engine_messages"]), 3U);
  EXPECT_EQ(std::uint64_t(json["rejected_by_reason"]["not_utf8"]), 2U);
  EXPECT_EQ(std::uint64_t(json["kernel_drops"]), 4U);
  EXPECT_EQ(std::uint64_t(json["lost"]), 9U);
  EXPECT_EQ(std::uint64_t(json["unexplained"]), 0U);
  EXPECT_EQ(std::uint64_t(json["inputs"].at(1)["frames"]), 30U);
  EXPECT_EQ(std::uint64_t(json["inputs"].at(2)["handshakes"]), 6U);
  EXPECT_EQ(std::uint64_t(json["frames"]["received"]), 100U);
  EXPECT_EQ(std::uint64_t(json["frames"]["batched"]), 20U);
  EXPECT_EQ(std::uint64_t(json["frames"]["damaged_by_reason"]["checksum"]), 3U);
  EXPECT_EQ(std::uint64_t(json["sequence"]["missing"]), 17U);
  EXPECT_EQ(std::uint64_t(json["sequence"]["worst"].at(0)["stream"]), 7U);
  const simdjson::dom::element output = json["outputs"].at(0);
  EXPECT_EQ(std::string_view(output["url"]), "file:///var/\"x\"");
  EXPECT_EQ(std::uint64_t(output["written"]), 80U);
  EXPECT_EQ(std::uint64_t(output["lost_by_reason"]["queue_full"]), 3U);
  EXPECT_EQ(std::uint64_t(output["lost_by_reason"]["refused"]), 6U);
}

TEST(RouterLedger, KeepsTheOrderOfItsKeys) {
  EXPECT_EQ(
      to_json(RouterLedger()),
      R"({"received":0,"accepted":0,"engine_messages":0,"repaired":{},"rejected":0,)"
      R"("rejected_by_reason":{},"dead_lettered":0,"dead_letters_failed":0,"kernel_drops":0,"lost":0,"unexplained":0,)"
      R"("client_losses":{"clients":0,"forgotten":0,"lost":0,"lost_by_reason":{},)"
      R"("unreported":0},)"
      R"("sessions":{"sessions":0,"forgotten":0,"bad_reports":0,"lost_on_way":0,"undecided":0,)"
      R"("worst":[]},)"
      R"("frames":{"received":0,"plain":0,"batched":0,"lines":0,"damaged":0,)"
      R"("damaged_by_reason":{}},)"
      R"("sequence":{"streams":0,"forgotten":0,"missing":0,"missing_at_start":0,)"
      R"("unknown_at_start":0,"late_frames":0,)"
      R"("late_messages":0,"worst":[]},"reloads":0,"refused_reloads":0,)"
      R"("inputs":[],"outputs":[]})"
      "\n");
}

TEST(RouterLedger, IsReadable) {
  const std::string text = to_text(example());
  EXPECT_THAT(text, HasSubstr("  received                          100\n"));
  EXPECT_THAT(text, HasSubstr("  handshakes                          6\n"));
  EXPECT_THAT(text, HasSubstr("    not_utf8                          2\n"));
  EXPECT_THAT(text, HasSubstr("      queue_full                      3\n"));
  EXPECT_THAT(text, HasSubstr("      checksum                        3\n"));
  EXPECT_THAT(text, HasSubstr("  missing between frames             17\n"));
  EXPECT_THAT(text, HasSubstr(" stream 7: missing 17, late frames 2\n"));
  EXPECT_THAT(text, HasSubstr("  unexplained                         0\n"));
}

TEST(RouterLedger, SaysWhatWasLostBeforeItAndWhatItCannotHaveSeen) {
  RouterLedger ledger = example();
  ledger.sequence.missing += 7'345;
  ledger.sequence.missing_at_start = 7'345;
  ledger.sequence.unknown_at_start = 12;
  ledger.worst_streams[0].missing_at_start = 5;
  ledger.client_losses = {
      .clients = 2, .forgotten = 0, .lost = 3'000, .lost_by_reason = {}, .unreported = 4};
  ledger.client_losses.lost_by_reason[LossReason::kNoReceiver] = 2'990;
  const std::string text = to_text(ledger);
  EXPECT_THAT(text, HasSubstr("  missing between frames             17\n"
                              "  missing at the start            7,345\n"
                              "    before this router's first message of a stream: "));
  EXPECT_THAT(text, HasSubstr("  unknown at the start               12\n"));
  EXPECT_THAT(text, HasSubstr(": missing 17 (5 at the start), late frames 2\n"));
  EXPECT_THAT(text, HasSubstr("  lost by clients                 3,000\n"
                              "    no_receiver                   2,990\n"
                              "    unreported                        4\n"));
  simdjson::dom::parser parser;
  const simdjson::dom::element json = parser.parse(to_json(ledger));
  EXPECT_EQ(std::uint64_t(json["sequence"]["missing"]), 7'362U);
  EXPECT_EQ(std::uint64_t(json["sequence"]["missing_at_start"]), 7'345U);
  EXPECT_EQ(std::uint64_t(json["client_losses"]["lost"]), 3'000U);
  EXPECT_EQ(std::uint64_t(json["client_losses"]["lost_by_reason"]["no_receiver"]), 2'990U);
  EXPECT_EQ(std::uint64_t(json["client_losses"]["unreported"]), 4U);
  EXPECT_EQ(ledger.unexplained(), 0U);
}

}  // namespace
}  // namespace metlog
