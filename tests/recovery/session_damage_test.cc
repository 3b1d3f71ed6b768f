// Damage in any file of a session: what it did not hit is found.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "metlog/internal/recovery/recovery.h"
#include "tests/support/golden_session.h"
#include "tests/support/messages.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int kRecords = 600;
constexpr std::size_t kDamageBytes = 64;

void put_random(std::string& bytes, std::size_t at, std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  for (std::size_t i = at; i < std::min(at + size, bytes.size()); ++i) {
    bytes[i] = static_cast<char>(random());
  }
}

/// What a recovery has made of a session.
struct Outcome {
  RecoveryReport report;
  std::multiset<std::string> payloads;
  bool is_clean;

  [[nodiscard]] std::size_t found(int first, int last, const std::string& what) const {
    std::size_t count = 0;
    for (int i = first; i < last; ++i) count += payloads.count("order " + std::to_string(i) + what);
    return count;
  }
};

Outcome recover(const fs::path& sessions) {
  const TempDir files;
  const std::string out = files.file("out.jsonl");
  Recovery::Options options;
  options.to = "file:" + out;
  const auto recovery = Recovery::open(sessions.string(), options);
  EXPECT_TRUE(recovery.ok());
  const std::vector<RecoveryReport> reports = (*recovery)->recover_all();
  EXPECT_THAT(reports, SizeIs(1));
  Outcome outcome{reports.empty() ? RecoveryReport{} : reports.front(), {}, fs::is_empty(sessions)};
  std::istringstream text(content_of(out));
  for (std::string line; std::getline(text, line);) {
    expect_is_envelope(line);
    if (line.find("metlog.death") == std::string::npos) outcome.payloads.insert(payload_of(line));
  }
  return outcome;
}

/// A directory with a session that is to be damaged.
struct Damaged {
  Damaged() : session(sessions.path(), 2) {
    session.add_site(16, "order {} for {}");
    session.add_client(0, "null:", 5);
  }
  const TempDir sessions{"/dev/shm"};
  GoldenSession session;
};

/// Holds kRecords records that were not drained, some of several cells. Begins at `start`.
GoldenSession::Ring filled_ring(const GoldenSession& session, std::uint64_t start) {
  GoldenSession::Ring ring = session.ring(10, start);
  for (int i = 0; i < 50; ++i) ring.add_record(16, i, "before");
  ring.set_positions(ring.pos - 20, ring.pos);
  for (int i = 0; i < kRecords; ++i) {
    ring.add_record(16, i, i % 10 == 0 ? std::string(60, 'x') : "alice");
  }
  return ring;
}

std::size_t found_records(const Outcome& outcome) {
  return outcome.found(0, kRecords, " for alice") +
         outcome.found(0, kRecords, " for " + std::string(60, 'x'));
}

TEST(RingDamage, SixtyFourRandomBytesAnywhereHideAFewRecords) {
  // Also in a ring that is in a later lap, and where tags have wrapped.
  const std::uint64_t starts[] = {0, 5 * 1024 + 700, 300 * 1024 + 3};
  std::size_t repeated = 0;
  for (unsigned seed = 0; seed < 150; ++seed) {
    Damaged damaged;
    GoldenSession::Ring ring = filled_ring(damaged.session, starts[seed % 3]);
    std::mt19937 random(seed);
    // Half of them in the header's fields.
    const std::size_t at = seed % 2 == 0 ? random() % 300 : 4096 + random() % (60 * 1024);
    put_random(ring.file.bytes(), at, kDamageBytes, seed);
    damaged.session.write("r000.ring", ring.file.bytes());
    const Outcome outcome = recover(damaged.sessions.path());
    const std::size_t found = found_records(outcome);
    EXPECT_GE(found, kRecords * 99 / 100) << "seed " << seed << ", offset " << at;
    EXPECT_LE(found, kRecords);
    repeated += outcome.found(0, 50, " for before");
    EXPECT_LE(outcome.payloads.size(), found + 50 + 3) << "nothing is invented, seed " << seed;
  }
  EXPECT_GT(repeated, 0U) << "what was drained comes twice rather than not at all";
}

TEST(RingDamage, EveryFieldOfTheHeaderMayBeWrong) {
  for (const int filling : {0x00, 0xff, 0x5a}) {
    for (std::size_t at = 0; at < 296; at += 8) {
      Damaged damaged;
      GoldenSession::Ring ring = filled_ring(damaged.session, 7 * 1024 + 100);
      std::memset(ring.file.bytes().data() + at, filling, 8);
      damaged.session.write("r000.ring", ring.file.bytes());
      const Outcome outcome = recover(damaged.sessions.path());
      EXPECT_EQ(found_records(outcome), kRecords) << "offset " << at << ", " << filling;
      EXPECT_TRUE(outcome.is_clean) << "offset " << at << ", " << filling;
    }
  }
}

TEST(RingDamage, AHeaderOfZerosOrOfNonsenseIsMendedFromTheCells) {
  for (const int filling : {0x00, 0xff}) {
    Damaged damaged;
    GoldenSession::Ring ring = filled_ring(damaged.session, 7 * 1024 + 100);
    std::memset(ring.file.bytes().data(), filling, 4096);
    damaged.session.write("r000.ring", ring.file.bytes());
    const Outcome outcome = recover(damaged.sessions.path());
    EXPECT_EQ(found_records(outcome), kRecords);
    ASSERT_THAT(outcome.report.damage, SizeIs(1));
    EXPECT_THAT(outcome.report.damage[0], HasSubstr("some records may come twice"));
  }
}

TEST(RingDamage, ARingThatWasNeverBornIsNone) {
  Damaged damaged;
  damaged.session.write("r000.ring", std::string(4096 + 64 * 1024, '\0'));
  damaged.session.write("r001.ring", "");
  const Outcome outcome = recover(damaged.sessions.path());
  EXPECT_THAT(outcome.report.complaints, IsEmpty());
  EXPECT_THAT(outcome.report.damage, IsEmpty());
  EXPECT_TRUE(outcome.is_clean);
}

TEST(DictionaryDamage, HidesTheSitesThatItHit) {
  constexpr std::uint32_t kSites = 40;
  for (unsigned seed = 0; seed < 60; ++seed) {
    Damaged damaged;
    GoldenSession::Ring ring = damaged.session.ring(10);
    for (std::uint32_t i = 1; i < kSites; ++i) {
      damaged.session.add_site(16 + i, "order {} at " + std::to_string(i) + " for {}");
    }
    for (int i = 0; i < 400; ++i)
      ring.add_record(17 + static_cast<std::uint32_t>(i) % (kSites - 1), i, "alice");
    damaged.session.write_ring(0, ring);
    std::string dict = content_of(damaged.session.path() / "dict");
    std::mt19937 random(seed);
    put_random(dict, random() % (dict.size() - kDamageBytes), kDamageBytes, seed);
    damaged.session.write("dict", dict);
    const Outcome outcome = recover(damaged.sessions.path());
    EXPECT_EQ(outcome.payloads.size() + outcome.report.undecodable, 400U) << "seed " << seed;
    EXPECT_GE(outcome.payloads.size(), 400U * 36 / 39) << "of three sites at most, seed " << seed;
    EXPECT_THAT(outcome.report.damage, SizeIs(1)) << "seed " << seed;
    EXPECT_EQ(outcome.is_clean, outcome.report.undecodable == 0);
  }
}

TEST(DictionaryDamage, AnEntryThatWasBeingWrittenIsNone) {
  for (const std::size_t cut : {1U, 7U, 8U, 20U}) {
    Damaged damaged;
    GoldenSession::Ring ring = filled_ring(damaged.session, 0);
    damaged.session.write_ring(0, ring);
    const std::string dict = content_of(damaged.session.path() / "dict");
    damaged.session.write("dict", dict + dict.substr(0, cut));
    const Outcome outcome = recover(damaged.sessions.path());
    EXPECT_THAT(outcome.report.damage, IsEmpty());
    EXPECT_EQ(found_records(outcome), kRecords);
  }
}

TEST(ClientDamage, HidesNothingWhereAllGoToOnePlace) {
  Damaged damaged;
  GoldenSession::Ring ring = filled_ring(damaged.session, 0);
  damaged.session.write_ring(0, ring);
  damaged.session.write("clients", std::string(100, '\x5a'));
  EXPECT_EQ(found_records(recover(damaged.sessions.path())), kRecords);
}

TEST(SessionDamage, AHeaderWithRandomBytesAnywhereHidesNothing) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    Damaged damaged;
    GoldenSession::Ring ring = filled_ring(damaged.session, 0);
    damaged.session.write_ring(0, ring);
    std::string header = content_of(damaged.session.path() / "session");
    const std::size_t at = seed * 13;
    put_random(header, at, kDamageBytes, seed);
    damaged.session.write("session", header);
    const Outcome outcome = recover(damaged.sessions.path());
    EXPECT_EQ(found_records(outcome), kRecords) << "offset " << at;
    EXPECT_TRUE(outcome.is_clean) << "offset " << at;
    EXPECT_EQ(outcome.report.pid, 4242U) << "offset " << at;
    EXPECT_EQ(outcome.report.app, "shop") << "offset " << at;
  }
}

TEST(SessionDamage, FilesThatClaimAnyLengthCostNothing) {
  Damaged damaged;
  GoldenSession::Ring ring = filled_ring(damaged.session, 3 * 1024);
  damaged.session.write_ring(0, ring);
  damaged.session.write_batch(5, {"{}"}, 0, 1);
  for (const char* name : {"session", "dict", "clients", "r000.ring", "s005.000.0.batch"}) {
    fs::resize_file(damaged.session.path() / name, (std::uintmax_t{1} << 40) + 4096);
  }
  // The batch's table is looked for.
  const int fd = ::open((damaged.session.path() / "s005.000.0.batch").c_str(), O_WRONLY);
  EXPECT_EQ(::pwrite(fd, "zzzzzzzzzzzzzzzz", 16, 40), 16);
  ::close(fd);
  EXPECT_EQ(found_records(recover(damaged.sessions.path())), kRecords);
}

TEST(SessionDamage, ADirectoryOfSomethingElseIsLeftAlone) {
  const TempDir sessions{"/dev/shm"};
  fs::create_directory(sessions.path() / "photos");
  write_content(sessions.file("photos/session"), std::string(4096, 'p'));
  write_content(sessions.file("photos/dict"), "");
  write_content(sessions.file("photos/clients"), "");
  const std::vector<RecoveryReport> reports =
      (*Recovery::open(sessions.path().string(), {}))->recover_all();
  ASSERT_THAT(reports, SizeIs(1));
  EXPECT_THAT(reports[0].complaints, SizeIs(1));
  EXPECT_TRUE(fs::exists(sessions.path() / "photos/dict"));
}

std::vector<std::string> envelopes(int count, bool is_indented = false) {
  std::vector<std::string> messages;
  for (int i = 0; i < count; ++i) {
    const std::string number = std::to_string(i);
    messages.push_back(is_indented
                           ? "{\n    \"order\": " + number + "\n}"
                           : R"({"type":"oldstyle","logger":"l","severity":6,"env_version":"0.8",)"
                             R"("metlog_pid":1,"metlog_hostname":"h",)"
                             R"("timestamp":"2020-09-13T12:26:40.000000Z","payload":"order )" +
                                 number + R"( for alice","fields":{}})");
  }
  return messages;
}

TEST(BatchDamage, EveryEntryOfTheTableAndFieldOfTheHeaderMayBeWrong) {
  constexpr int kCount = 20;
  for (std::size_t at = 0; at < 120 + 24 * kCount; at += 8) {
    Damaged damaged;
    damaged.session.write_batch(5, envelopes(kCount), 3, 0);
    const std::string name = "s005.000.0.batch";
    std::string file = content_of(damaged.session.path() / name);
    put_random(file, at < 120 ? at : 4096 + 65536 + at - 120, 8, static_cast<unsigned>(at));
    damaged.session.write(name, file);
    const Outcome outcome = recover(damaged.sessions.path());
    EXPECT_GE(outcome.found(0, kCount, " for alice"), std::size_t{kCount} - 1) << "offset " << at;
    EXPECT_EQ(outcome.payloads.size(), outcome.found(0, kCount, " for alice")) << "offset " << at;
  }
}

TEST(BatchDamage, TextOfSeveralLinesKeepsItsBytes) {
  Damaged damaged;
  const std::vector<std::string> messages = envelopes(10, true);
  damaged.session.write_batch(5, messages, 0, 0);
  std::string file = content_of(damaged.session.path() / "s005.000.0.batch");
  put_random(file, 4096 + 65536 + 24 * 3, 48, 1);
  damaged.session.write("s005.000.0.batch", file);
  const TempDir files;
  Recovery::Options options;
  options.to = "file:" + files.file("out");
  (void)(*Recovery::open(damaged.sessions.path().string(), options))->recover_all();
  std::string all;
  for (const std::string& message : messages) all += message + "\n";
  const std::string out = content_of(files.file("out"));
  EXPECT_EQ(out.substr(0, all.size()), all);
}

}  // namespace
}  // namespace metlog
