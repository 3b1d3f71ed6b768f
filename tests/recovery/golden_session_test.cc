// Sessions of earlier versions, and of this one, stay readable; those of later ones stay.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "metlog/internal/recovery/recovery.h"
#include "tests/support/golden_session.h"
#include "tests/support/messages.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Golden : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<Recovery> open(bool has_destination = true) const {
    Recovery::Options options;
    if (has_destination) options.to = "file:" + out();
    absl::StatusOr<std::unique_ptr<Recovery>> recovery =
        Recovery::open(sessions_.path().string(), options);
    EXPECT_TRUE(recovery.ok()) << recovery.status();
    return *std::move(recovery);
  }
  [[nodiscard]] RecoveryReport recover(bool has_destination = true) const {
    const std::vector<RecoveryReport> reports = open(has_destination)->recover_all();
    EXPECT_THAT(reports, SizeIs(1));
    return reports.empty() ? RecoveryReport{} : reports.front();
  }
  [[nodiscard]] std::string out() const { return files_.file("out.jsonl"); }
  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> found;
    std::istringstream text(content_of(out()));
    for (std::string line; std::getline(text, line);) {
      if (line.find("metlog.death") == std::string::npos) found.push_back(line);
    }
    return found;
  }
  [[nodiscard]] std::vector<std::string> payloads() const {
    std::vector<std::string> found;
    for (const std::string& line : lines()) found.push_back(payload_of(line));
    return found;
  }
  [[nodiscard]] bool is_clean() const { return fs::is_empty(sessions_.path()); }
  /// Every file of the sessions, with its bytes.
  [[nodiscard]] std::map<std::string, std::string> image() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(sessions_.path())) {
      if (entry.is_regular_file()) files[entry.path()] = content_of(entry.path());
    }
    return files;
  }

  const TempDir sessions_{"/dev/shm"};
  const TempDir files_;
};

TEST_F(Golden, ASessionOfVersion2IsReadAsItWasWritten) {
  GoldenSession session(sessions_.path(), 2);
  session.add_site(16, "order {} for {}");
  session.add_client(3, "tcp://127.0.0.1:9", 5);
  GoldenSession::Ring ring = session.ring(4);
  ring.add_record(16, 1, "drained", 3);
  ring.set_positions(0, ring.pos);
  ring.add_record(16, 2, "alice", 3);
  ring.add_record(16, 3, std::string(100, 'b'), 3);
  session.write_ring(0, ring);
  session.write_batch(5, {R"({"payload":"sent"})", R"({"payload":"open"})"}, 40, 1);
  const RecoveryReport report = recover();
  EXPECT_THAT(report.clients, IsEmpty()) << "it has kept no accounts";
  EXPECT_THAT(report.complaints, IsEmpty());
  EXPECT_THAT(report.damage, IsEmpty());
  EXPECT_TRUE(is_clean());
  EXPECT_THAT(
      lines(),
      ElementsAre(
          R"({"payload":"open"})",
          R"({"type":"oldstyle","logger":"till","severity":6,"env_version":"0.8","metlog_pid":4242,)"
          R"("metlog_hostname":"till-7","timestamp":"2020-09-13T12:26:40.000002Z",)"
          R"("payload":"order 2 for alice","fields":{}})",
          HasSubstr("\"payload\":\"order 3 for " + std::string(100, 'b') + "\"")));
}

TEST_F(Golden, ASessionOfVersion1IsReadOnceItHasADestination) {
  GoldenSession session(sessions_.path(), 1);
  session.add_site(16, "order {} for {}");
  GoldenSession::Ring ring = session.ring(11);
  for (int i = 0; i < 6; ++i) ring.add_record(16, i, "alice", 3);
  ring.set_positions(4, 2);  // four are read, two of them were sent
  session.write_ring(0, ring);
  for (int i = 0; i < 2; ++i) {
    const RecoveryReport report = recover(false);
    EXPECT_EQ(report.undecodable, 4U);
    EXPECT_FALSE(report.is_removed);
    ASSERT_THAT(report.complaints, SizeIs(1));
    EXPECT_THAT(report.complaints[0], HasSubstr("--to URL, or --out FILE"));
  }
  const RecoveryReport report = recover();
  EXPECT_EQ(report.undecodable, 0U);
  EXPECT_THAT(report.complaints, IsEmpty());
  EXPECT_THAT(report.damage, IsEmpty());
  EXPECT_TRUE(is_clean());
  EXPECT_THAT(payloads(), ElementsAre("order 2 for alice", "order 3 for alice", "order 4 for alice",
                                      "order 5 for alice"));
  EXPECT_THAT(lines()[0], HasSubstr("\"metlog_pid\":4242"));
  EXPECT_THAT(lines()[0], HasSubstr("\"timestamp\":\"2020-09-13T12:26:40.000002Z\""));
}

TEST_F(Golden, OfVersion1WhatTheWriterMayHaveSpoiltIsNotRead) {
  GoldenSession session(sessions_.path(), 1);
  session.add_site(16, "order {} for {}");
  GoldenSession::Ring ring = session.ring(4, 0);
  for (int i = 0; i < 20; ++i) ring.add_record(16, i, "bob");
  ring.set_positions(18, 3);  // the end is 20: a record there may have begun at 4, to 4 + 15
  session.write_ring(0, ring);
  EXPECT_EQ(recover().damaged_cells, 0U);
  EXPECT_THAT(payloads(), ElementsAre("order 18 for bob", "order 19 for bob"));
}

TEST_F(Golden, NumbersGoOnAfterABatchThatIsEmpty) {
  GoldenSession session(sessions_.path(), 2);
  session.add_site(16, "order {} for {}");
  session.add_client(0, "null:", 5);
  session.write_batch(5, {}, 40, 43);
  GoldenSession::Ring ring = session.ring(4);
  ring.add_record(16, 1, "alice");
  session.write_ring(0, ring);
  Recovery::Options options;
  options.to = "file:" + out() + "?id=1";
  (void)(*Recovery::open(sessions_.path().string(), options))->recover_all();
  EXPECT_THAT(lines(), ElementsAre(HasSubstr("99aabbccddeeff-5-43\"}")));
  EXPECT_THAT(content_of(out()), HasSubstr("99aabbccddeeff-5-44\"}"));
}

TEST_F(Golden, ADeathIsSaidOnceAlthoughTheSessionStays) {
  GoldenSession session(sessions_.path(), 2);
  session.add_site(16, "order {} for {}");
  session.add_client(0, "file:" + out(), 4);
  session.add_client(1, "file:" + out(), 5);
  GoldenSession::Ring ring = session.ring(4);
  ring.add_record(16, 1, "alice", 1);
  ring.add_record(17, 2, "of an unknown site", 1);
  session.write_ring(0, ring);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(recover(false).undecodable, 1U);
  EXPECT_THAT(payloads(), ElementsAre("order 1 for alice"));
  const std::string text = content_of(out());
  EXPECT_EQ(text.find("\"metlog.death\""), text.rfind("\"metlog.death\""));
}

TEST_F(Golden, ASessionOfALaterVersionStaysAsItIs) {
  GoldenSession session(sessions_.path(), 2);
  session.add_site(16, "order {} for {}");
  GoldenSession::Ring ring = session.ring(4);
  ring.add_record(16, 1, "alice");
  session.write_ring(0, ring);
  std::string header = content_of(session.path() / "session");
  header[8] = 3;
  session.write("session", header);
  const std::map<std::string, std::string> before = image();
  const RecoveryReport report = recover();
  EXPECT_FALSE(report.is_removed);
  ASSERT_THAT(report.complaints, SizeIs(1));
  EXPECT_THAT(report.complaints[0], HasSubstr("later version of metlog (3)"));
  const absl::StatusOr<RecoveryReport> purged = open()->purge("shop.4242.0011223344556677");
  ASSERT_FALSE(purged.ok());
  EXPECT_THAT(std::string(purged.status().message()), HasSubstr("it stays as it is"));
  EXPECT_EQ(image(), before);
}

TEST_F(Golden, ARingOrBatchOfALaterVersionKeepsItsSession) {
  GoldenSession session(sessions_.path(), 2);
  session.add_site(16, "order {} for {}");
  session.add_client(0, "null:", 5);
  GoldenSession::Ring ring = session.ring(4);
  ring.add_record(16, 1, "alice");
  session.write_ring(0, ring);
  ring.file.put<std::uint32_t>(8, 3);
  session.write_ring(1, ring);
  const RecoveryReport report = recover();
  EXPECT_FALSE(report.is_removed);
  EXPECT_THAT(report.complaints, ElementsAre(HasSubstr("r001.ring is of a later version")));
  EXPECT_THAT(payloads(), ElementsAre("order 1 for alice")) << "what can be read is delivered";
  EXPECT_TRUE(fs::exists(session.path() / "r001.ring"));
}

}  // namespace
}  // namespace metlog
