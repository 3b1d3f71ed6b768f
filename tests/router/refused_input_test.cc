#include "tools/router/refused_input.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>
#include <sys/file.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/base/unique_fd.h"
#include "tests/router/batched.h"
#include "tests/router/envelope.h"
#include "tests/router/peers.h"
#include "tests/router/router_fixture.h"
#include "tests/senders/temp_dir.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::chrono::seconds kLimit{30};

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// The text of a member of a line, or its JSON when it is no text; empty when there is none.
std::string member(const std::string& line, const std::string& key) {
  simdjson::dom::parser parser;
  simdjson::dom::element value;
  if (parser.parse(line)[key].get(value) != simdjson::SUCCESS) return {};
  if (value.is_string()) return std::string(std::string_view(value));
  return simdjson::minify(value);
}

class RefusedInputTest : public testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> lines() const { return lines_of(path_); }

  const TempDir directory_;
  const std::string path_ = directory_.file("refused.jsonl");
};

TEST_F(RefusedInputTest, TellsTimeSourceReasonLengthAndText) {
  RefusedInput refused({.path = path_});
  ASSERT_TRUE(refused.start().ok());
  refused.note({"udp://127.0.0.1:5565", "not_json", "{\"a\n\x01", 5});
  refused.note({"udp://127.0.0.1:5565", "empty", "", 0});
  refused.end_round();
  refused.close(kLimit);
  EXPECT_EQ(refused.counts().kept, 2U);
  EXPECT_EQ(refused.counts().not_kept, 0U);
  ASSERT_THAT(lines(), SizeIs(2));
  const std::string line = lines()[0];
  EXPECT_EQ(member(line, "input"), "udp://127.0.0.1:5565");
  EXPECT_EQ(member(line, "reason"), "not_json");
  EXPECT_EQ(member(line, "bytes"), "5");
  EXPECT_EQ(member(line, "text"), "{\"a\n\x01");
  EXPECT_EQ(member(line, "cut"), "");
  EXPECT_EQ(member(line, "time").size(), 27U);
  EXPECT_EQ(member(lines()[1], "text"), "");
  EXPECT_THAT(lines()[1], HasSubstr("\"bytes\":0,\"text\":\"\"}"));
}

TEST_F(RefusedInputTest, KeepsBytesThatAreNoTextAsBase64) {
  RefusedInput refused({.path = path_});
  refused.note({"zmq", "not_utf8", "\xff\xfe", 2});
  refused.close(kLimit);
  EXPECT_THAT(lines(), ElementsAre(HasSubstr("\"bytes\":2,\"base64\":\"//4=\"}")));
}

TEST_F(RefusedInputTest, SaysWhatWasCutAndCutsNoCharacter) {
  RefusedInput refused({.path = path_});
  refused.note({"udp", "too_long", "abc\xe2\x82", 100});  // in the middle of a euro sign
  refused.note({"udp", "too_long", "abc\xf0\x9f\x98", 100});
  refused.note({"udp", "too_long", "abc\xc3", 100});
  refused.note({"udp", "too_long", std::string(RefusedInput::kMaxKeptBytes + 7, 'x'),
                RefusedInput::kMaxKeptBytes + 7});
  refused.close(kLimit);
  ASSERT_THAT(lines(), SizeIs(4));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_THAT(lines()[i], HasSubstr("\"bytes\":100,\"cut\":true,\"text\":\"abc\"}"));
  }
  EXPECT_EQ(member(lines()[3], "text").size(), RefusedInput::kMaxKeptBytes);
  EXPECT_EQ(member(lines()[3], "cut"), "true");
}

TEST_F(RefusedInputTest, DoesNothingWithoutAFile) {
  RefusedInput refused({});
  EXPECT_FALSE(refused.is_wanted());
  EXPECT_TRUE(refused.start().ok());
  refused.note({"udp", "empty", "", 0});
  refused.end_round();
  refused.close(kLimit);
  EXPECT_EQ(refused.counts().kept + refused.counts().not_kept, 0U);
}

TEST_F(RefusedInputTest, CountsWhatAFullFileDoesNotTake) {
  RefusedInput refused({.path = path_, .max_bytes = 1000});
  const std::string letter(200, 'x');
  std::uint64_t noted = 0;
  for (; noted < 20; ++noted) {
    refused.note({"udp", "not_json", letter, letter.size()});
    refused.end_round();
  }
  refused.close(kLimit);
  EXPECT_GT(refused.counts().kept, 1U);
  EXPECT_EQ(refused.counts().kept, lines().size());
  EXPECT_EQ(refused.counts().kept + refused.counts().not_kept, noted);
  EXPECT_LE(std::filesystem::file_size(path_), 1000U);
}

TEST_F(RefusedInputTest, CountsWhatAFileThatCannotBeOpenedDoesNotTake) {
  RefusedInput refused({.path = directory_.file("nowhere/refused.jsonl")});
  ASSERT_TRUE(refused.start().ok());
  for (int i = 0; i < 3; ++i) {
    refused.note({"udp", "not_json", "{", 1});
    refused.end_round();
  }
  refused.close(kLimit);
  EXPECT_EQ(refused.counts().kept, 0U);
  EXPECT_EQ(refused.counts().not_kept, 3U);
}

/// Another process that holds the lock of the file, as a disk that hangs.
class HeldLock {
 public:
  explicit HeldLock(const std::string& path) : fd_(::open(path.c_str(), O_RDWR | O_CREAT, 0600)) {
    EXPECT_EQ(::flock(fd_.get(), LOCK_EX), 0);
  }

 private:
  const UniqueFd fd_;
};

TEST_F(RefusedInputTest, WaitsForNoFileAndIsBounded) {
  auto lock = std::make_unique<HeldLock>(path_);
  RefusedInput refused({.path = path_});
  ASSERT_TRUE(refused.start().ok());
  const std::string letter(100'000, 'x');
  constexpr std::uint64_t kNoted = 100;  // five times as much as may wait
  for (std::uint64_t i = 0; i < kNoted; ++i) {
    refused.note({"udp", "not_json", letter, letter.size()});
    refused.end_round();
  }
  EXPECT_GE(refused.counts().not_kept, kNoted / 2);
  lock.reset();
  refused.close(kLimit);
  EXPECT_EQ(refused.counts().kept, lines().size());
  EXPECT_EQ(refused.counts().kept + refused.counts().not_kept, kNoted);
}

TEST_F(RefusedInputTest, EndsWithinItsLimitAndCountsTheRest) {
  const HeldLock lock(path_);
  {
    RefusedInput refused({.path = path_});
    ASSERT_TRUE(refused.start().ok());
    for (int i = 0; i < 5; ++i) {
      refused.note({"udp", "not_json", "{", 1});
      refused.end_round();
    }
    refused.close(std::chrono::milliseconds(10));
    EXPECT_EQ(refused.counts().kept, 0U);
    EXPECT_EQ(refused.counts().not_kept, 5U);
  }
  EXPECT_THAT(lines(), IsEmpty());
}

/// A router that keeps what it refuses.
class RefusingRouterTest : public RouterTest {
 protected:
  RefusingRouterTest() : RefusingRouterTest(std::make_shared<TempDir>()) {}

  const std::string path_;

 private:
  explicit RefusingRouterTest(const std::shared_ptr<TempDir>& directory)
      : RouterTest({.limits = {.message_bytes = 1000},
                    .refused_input = {.path = directory->file("refused.jsonl")}}),
        path_(directory->file("refused.jsonl")),
        directory_(directory) {}

  const std::shared_ptr<TempDir> directory_;
};

TEST_F(RefusingRouterTest, KeepsEachRejectedMessageAndDamagedFrameWithItsReason) {
  add_file_like_output();
  ASSERT_TRUE(router_.start().ok());
  const UdpPeer peer(udp());
  const std::string good = envelope();
  std::string damaged = batched({good});
  damaged.back() ^= 1;
  const std::string too_long = "{\"x\":\"" + std::string(2000, 'x') + "\"}";
  const std::vector<std::string> frames = {
      good, "", "{", nested(200), too_long, damaged, batched({good, "[]", good}), "\xff"};
  for (const std::string& frame : frames) peer.send(frame);
  step_until(frames.size());
  const RouterLedger ledger = close();
  EXPECT_EQ(ledger.accepted, 3U);
  EXPECT_EQ(ledger.refused_input.kept, ledger.rejected_total() + ledger.frames.damaged_total());
  EXPECT_EQ(ledger.refused_input.not_kept, 0U);
  std::vector<std::string> reasons;
  for (const std::string& line : lines_of(path_)) {
    reasons.push_back(member(line, "reason"));
    EXPECT_EQ(member(line, "input"), udp());
  }
  EXPECT_THAT(reasons, ElementsAre("empty", "not_json", "too_deep", "too_long", "checksum",
                                   "not_an_object", "not_utf8"));
  EXPECT_EQ(member(lines_of(path_)[3], "bytes"), std::to_string(too_long.size()));
  EXPECT_EQ(member(lines_of(path_)[5], "text"), "[]");
  EXPECT_THAT(to_json(ledger), HasSubstr("\"dead_lettered\":7,\"dead_letters_failed\":0"));
}

}  // namespace
}  // namespace metlog
