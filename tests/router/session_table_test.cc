#include "tools/router/session_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

#include "metlog/internal/config/json_writer.h"
#include "metlog/internal/flush/timeline.h"
#include "tests/router/decoding.h"
#include "tests/router/envelope.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::int64_t kBeginNs = 1'700'000'000'000'000'000;

/// Reads metlog.stats messages, given as the members of their fields.
class SessionTableTest : public testing::Test {
 protected:
  void note(const std::string& fields, std::chrono::nanoseconds after = 10s) {
    ASSERT_EQ(decoding_.outcome(
                  envelope({{"type", "\"metlog.stats\""},
                            {"timestamp", "\"" + time_text(kBeginNs + after.count()) + "\""},
                            {"fields", "{" + fields + "}"}})),
              "accepted");
    table_.note_stats(decoding_.message(), begin_ + after);
  }
  static std::string session(std::uint64_t number) {
    std::string id = std::to_string(number);
    id.insert(0, 32 - id.size(), '0');
    return "\"session\":\"" + id + "\",\"client\":1";
  }
  void plain(std::uint64_t count) {
    ASSERT_EQ(decoding_.outcome(envelope()), "accepted");
    for (std::uint64_t i = 0; i < count; ++i) table_.note_plain(decoding_.message());
  }
  [[nodiscard]] SessionsLedger ledger(std::chrono::nanoseconds after = 10s) const {
    return table_.ledger(100, begin_ + after);
  }

  const SessionTable::Clock::time_point begin_{std::chrono::hours(1)};
  SequenceTable sequences_;
  SessionTable table_{sequences_, {begin_, kBeginNs}};
  Decoding decoding_;
};

TEST_F(SessionTableTest, CountsPlainMessagesOnceAllIsSaid) {
  const std::string account = session(1) + R"(,"emitted":9,"sent":8,"open_us":5000000)";
  note(account + R"(,"streams":"0:9:9:1")");
  plain(6);
  EXPECT_EQ(ledger().worst.at(0).evidence, LossEvidence::kNone);
  EXPECT_EQ(ledger().worst.at(0).unknown_because, "a client has not sent its last account");
  note(account + R"(,"streams":"0:9:9:1","final":true)");
  EXPECT_EQ(ledger().worst.at(0).evidence, LossEvidence::kCounts);
  EXPECT_EQ(ledger().lost_on_way, 3U) << "8 messages and the account, of which 6 came";
  plain(4);
  EXPECT_EQ(ledger().worst.at(0).unknown_because, "more has come than was sent");
}

TEST_F(SessionTableTest, DoesNotCountWhatItCannotKnow) {
  const std::string last = R"(,"streams":"0:9:9:0","final":true)";
  note(session(1) + last);
  EXPECT_EQ(ledger().worst.at(0).unknown_because, "it began before this router")
      << "it does not say when it began";
  note(session(2) + R"(,"open_us":5000000,"silent_clients":true)" + last);
  note(session(3) + R"(,"open_us":11000000)" + last);
  EXPECT_EQ(ledger().lost_on_way, 0U);
  for (const SessionLedger& each : ledger().worst) EXPECT_EQ(each.evidence, LossEvidence::kNone);
}

TEST_F(SessionTableTest, SaysWhatBecameOfAClient) {
  note(session(1) + R"(,"interval_us":1000000)");
  EXPECT_EQ(ledger(13s).worst.at(0).clients.at(0).state, Liveness::kOpen);
  EXPECT_EQ(ledger(15s).worst.at(0).clients.at(0).state, Liveness::kVanished);
  ASSERT_EQ(decoding_.outcome(
                envelope({{"type", "\"metlog.death\""}, {"fields", "{" + session(1) + "}"}})),
            "accepted");
  table_.note_death(decoding_.message());
  EXPECT_EQ(ledger(15s).worst.at(0).clients.at(0).state, Liveness::kDied);
  note(session(1) + R"(,"final":true)");
  EXPECT_EQ(ledger(15s).worst.at(0).clients.at(0).state, Liveness::kClosed);
}

TEST_F(SessionTableTest, TakesNoOlderAccountForTheLast) {
  note(session(1) + R"(,"emitted":7,"sent":7)");
  note(session(1) + R"(,"emitted":5,"sent":5)");
  EXPECT_EQ(ledger().worst.at(0).clients.at(0).report.emitted, 7U);
  note(session(1) + R"(,"emitted":7,"sent":7,"final":true)");
  note(session(1) + R"(,"emitted":7,"sent":6)");
  EXPECT_EQ(ledger().worst.at(0).clients.at(0).report.sent, 7U);
}

TEST_F(SessionTableTest, NamesThoseWithLossesFirstAndKeepsThem) {
  note(session(7) + R"(,"emitted":4,"lost":4,"lost_refused":4,"final":true)");
  for (std::uint64_t i = 100; i < 100 + 2 * SessionTable::kMaxSessions; ++i) note(session(i));
  const SessionsLedger found = ledger();
  EXPECT_EQ(found.sessions, 1 + 2 * SessionTable::kMaxSessions);
  EXPECT_EQ(found.forgotten, found.sessions - SessionTable::kMaxSessions);
  ASSERT_EQ(found.worst.size(), 100U);
  EXPECT_THAT(found.worst[0].session, HasSubstr("0007"));
  EXPECT_EQ(found.worst[0].clients[0].report.lost_by_reason[LossReason::kRefused], 4U);
  EXPECT_THAT(to_text(found),
              HasSubstr("client 1 app: closed, emitted 4, sent 0, lost 4 (refused 4)"));
}

TEST_F(SessionTableTest, SurvivesHostileNumbers) {
  for (const char* const number : {"-1", "1e300", "\"x\"", "null", "0.5", "18446744073709551615",
                                   "[1]", "9223372036854775807", "true"}) {
    std::string fields = R"("session":"00000000000000000000000000000abc")";
    for (const char* const key : {"client", "emitted", "sent", "lost", "lost_refused", "pending",
                                  "open_us", "interval_us", "unexplained", "final", "bytes"}) {
      fields.append(",\"").append(key).append("\":").append(number);
    }
    note(fields + R"(,"streams":"0:9223372036854775807:1:1 -1:2 4:4:9:9 :::: 7:3:2:1 7:4:4:4")");
  }
  const SessionsLedger found = ledger();
  EXPECT_EQ(found.sessions, 1U);
  for (const ClientLedger& client : found.worst.at(0).clients) {
    EXPECT_LE(client.report.lost, StatsReport::kMost);
    EXPECT_LE(client.streams.size(), 1U) << "only that with number 7 makes sense";
  }
  EXPECT_FALSE(to_json(to_value(found)).empty());
}

/// The example of docs/ledger.md.
TEST_F(SessionTableTest, ShowsWhatTheDocumentShows) {
  FrameHeader frame;
  frame.session = *read_session_id("0f1e2d3c4b5a69788796a5b4c3d2e1f0");
  for (const NumberRange& came : {NumberRange{0, 17}, {30, 90}, {121, 1075}}) {
    frame.sequence = came.first;
    frame.count = static_cast<std::uint32_t>(came.count);
    sequences_.note(frame);
  }
  ASSERT_EQ(decoding_.outcome(
                envelope({{"type", "\"metlog.stats\""},
                          {"timestamp", "\"" + time_text(kBeginNs + 10'000'000'000) + "\""},
                          {"logger", "\"shop\""},
                          {"metlog_pid", "4711"},
                          {"metlog_hostname", "\"web-1\""},
                          {"fields", R"({"session":"0f1e2d3c4b5a69788796a5b4c3d2e1f0","client":1,)"
                                     R"("program":"shopd","emitted":1200,"sent":1195,"lost":5,)"
                                     R"("lost_ring_full":5,"streams":"0:1195:1195:0","open_us":5,)"
                                     R"("final":true})"}})),
            "accepted");
  table_.note_stats(decoding_.message(), begin_ + 10s);
  const std::string text = to_text(ledger());
  std::ifstream file(METLOG_LEDGER_DOCUMENT);
  const std::string document{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(document, HasSubstr(text));
}

TEST_F(SessionTableTest, KeepsNoMoreClientsAndStreamsThanItMay) {
  std::string streams;
  for (int i = 0; i < 500; ++i) streams += std::to_string(i) + ":1:1:0 ";
  for (int client = 0; client < 100; ++client) {
    note(R"("session":"00000000000000000000000000000abc","client":)" + std::to_string(client) +
         ",\"streams\":\"" + streams + "\"");
  }
  note(R"("session":"short")");
  note(R"("client":1)");
  const SessionsLedger found = ledger();
  EXPECT_EQ(found.bad_reports, 2U);
  EXPECT_EQ(found.worst.at(0).clients.size(), SessionTable::kMaxClients);
  EXPECT_GT(found.worst.at(0).left_out, 0U);
}

}  // namespace
}  // namespace metlog
