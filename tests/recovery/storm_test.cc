// The proof that nothing is lost, by processes that are killed at any moment.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/emit/thread_counts.h"
#include "metlog/internal/recovery/recovery.h"
#include "metlog/internal/session/sent_totals.h"
#include "metlog/sender.h"
#include "tests/recovery/recovered.h"
#include "tests/senders/rotated_lines.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/messages.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;
using testing::SizeIs;

/// The oracle: by thread, the calls that have returned.
std::array<std::uint64_t, 4> counted(const std::string& counters) {
  const std::string bytes = content_of(counters);
  std::array<std::uint64_t, 4> calls{};
  for (std::size_t i = 0; i < calls.size(); ++i) {
    std::memcpy(&calls[i], bytes.data() + i * 64, sizeof calls[i]);
  }
  return calls;
}

class RecoveredStorm : public Recovered {
 protected:
  /// Runs four threads until a random moment. METLOG_LONG_TEST=1 makes more rounds.
  static int rounds(int few, int many) {
    return std::getenv("METLOG_LONG_TEST") != nullptr ? many : few;
  }
  void kill_at_random(unsigned seed, const char* way = "storm", const std::string& url = {}) {
    std::mt19937 random(seed);
    write_content(counters_, std::string(4096, '\0'));
    const pid_t child = start(way, counters_, url);
    while (counted(counters_)[3] == 0) ::usleep(1000);
    ::usleep(static_cast<useconds_t>(10'000 + random() % 60'000));
    ::kill(child, SIGKILL);
    wait_for(child);
  }
  /// Begins three recoveries, and ends each at a random moment.
  void kill_recoveries(unsigned seed) const {
    std::mt19937 random(seed + 1000);
    for (int i = 0; i < 3; ++i) {
      const pid_t child = ::fork();
      if (child == 0) {
        open()->recover_all();
        ::_exit(0);
      }
      ::usleep(static_cast<useconds_t>(random() % 20'000));
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
  }
  /// Every call that has returned is in the file once, in the order of its thread.
  void expect_complete(unsigned seed) const { expect_complete(seed, lines()); }
  void expect_complete(unsigned seed, const std::vector<std::string>& lines) const {
    const std::array<std::uint64_t, 4> calls = counted(counters_);
    std::array<std::uint64_t, 4> next{};
    constexpr std::string_view kPayload = "\"payload\":\"";
    for (const std::string& line : lines) {
      ASSERT_TRUE(line.starts_with("{\"type\":") && line.ends_with("}}")) << line;
      if (line.find("\"metlog.death\"") != std::string::npos) continue;
      const std::string payload = line.substr(line.find(kPayload) + kPayload.size());
      unsigned thread = 0;
      unsigned long long number = 0;
      ASSERT_EQ(std::sscanf(payload.c_str(), "t%u %llu", &thread, &number), 2) << line;
      ASSERT_EQ(number, next.at(thread)++) << "thread " << thread << ", seed " << seed;
    }
    for (std::size_t i = 0; i < calls.size(); ++i) {
      EXPECT_GE(next[i], calls[i]) << "seed " << seed;
      EXPECT_LE(next[i], calls[i] + 1) << "the last call may not have returned; seed " << seed;
    }
    EXPECT_TRUE(is_clean()) << "seed " << seed;
  }
  void start_again() { fs::remove(log()); }

  /// What the threads of the session have counted, by ring.
  [[nodiscard]] std::vector<ThreadCounts> thread_counts() const {
    std::vector<ThreadCounts> all;
    for (const auto& file : fs::directory_iterator(session())) {
      if (file.path().extension() != ".counts") continue;
      const std::string bytes = content_of(file.path());
      ThreadCounts counts;
      EXPECT_EQ(bytes.size(), sizeof counts);
      std::memcpy(static_cast<void*>(&counts), bytes.data(), std::min(bytes.size(), sizeof counts));
      if (counts.magic == kCountsMagic) all.push_back(counts);
    }
    return all;
  }
  static std::vector<std::uint64_t> emitted_in(const std::vector<ThreadCounts>& all) {
    std::vector<std::uint64_t> emitted;
    for (const ThreadCounts& counts : all)
      emitted.push_back(counts.emitted[0].load(Order::kRelaxed));
    std::sort(emitted.begin(), emitted.end());
    return emitted;
  }
  /// What the destination has got.
  struct Received {
    std::uint64_t calls = 0;
    LossCounts lost;
  };
  [[nodiscard]] Received received() const {
    Received received;
    for (const std::string& line : lines()) {
      if (line.find("\"metlog.loss\"") != std::string::npos) {
        for (std::size_t i = 0; i < kLossReasonCount; ++i) {
          const bool is_it = loss_reason(line) == name_of(static_cast<LossReason>(i));
          if (is_it) received.lost.by_reason[i] += loss_count(line);
        }
      } else if (line.find("\"metlog.death\"") == std::string::npos) {
        ++received.calls;
      }
    }
    return received;
  }
  /// emitted = delivered + recovered + filtered + lost, and each loss is in the stream once.
  void expect_proof(const std::vector<RecoveryReport>& reports) const {
    ASSERT_THAT(reports, SizeIs(1));
    ASSERT_THAT(reports[0].clients, SizeIs(1));
    const DeadClient& client = reports[0].clients[0];
    EXPECT_EQ(client.unexplained, 0);
    EXPECT_GE(client.in_flight, -1);
    EXPECT_LE(client.in_flight, 4);
    EXPECT_EQ(static_cast<std::int64_t>(client.emitted - client.delivered - client.recovered -
                                        client.filtered - client.lost.total()),
              client.in_flight);
    const Received got = received();
    EXPECT_EQ(got.calls, client.delivered + client.recovered);
    EXPECT_EQ(got.lost.by_reason, client.lost.by_reason);
  }

  const std::string counters_ = files_.file("counters");
};

TEST_F(RecoveredStorm, LosesNothingWhenItIsKilledAtAnyMoment) {
  for (unsigned seed = 0; seed < static_cast<unsigned>(rounds(20, 200)); ++seed) {
    kill_at_random(seed);
    for (const RecoveryReport& report : open()->recover_all()) {
      EXPECT_EQ(report.sent, report.found()) << "seed " << seed;
    }
    expect_complete(seed);
    start_again();
  }
}

TEST_F(RecoveredStorm, LosesNothingAtAnyOfSeveralDestinations) {
  const std::string second = files_.file("second.jsonl");
  for (unsigned seed = 0; seed < static_cast<unsigned>(rounds(10, 100)); ++seed) {
    SCOPED_TRACE(seed);
    kill_at_random(seed, "storm", "file:" + log() + "|file:" + second);
    if (seed % 2 == 1) kill_recoveries(seed);
    for (const RecoveryReport& report : open()->recover_all()) {
      EXPECT_EQ(report.sent, report.found());
      ASSERT_THAT(report.clients, SizeIs(2));
      for (const DeadClient& client : report.clients) EXPECT_EQ(client.unexplained, 0);
    }
    expect_complete(seed);
    start_again();
    fs::rename(second, log());
    expect_complete(seed);
    start_again();
  }
}

TEST_F(RecoveredStorm, TellsOfLossesAtEachOfSeveralDestinations) {
  const std::string second = files_.file("second.jsonl");
  kill_at_random(1, "drops", "file:" + log() + "|file:" + second);
  const std::vector<RecoveryReport> reports = open()->recover_all();
  ASSERT_THAT(reports, SizeIs(1));
  ASSERT_THAT(reports[0].clients, SizeIs(2));
  for (const DeadClient& client : reports[0].clients) {
    EXPECT_EQ(client.unexplained, 0);
    const Received got = received();
    EXPECT_EQ(got.calls, client.delivered + client.recovered);
    EXPECT_EQ(got.lost.by_reason, client.lost.by_reason);
    EXPECT_GT(client.lost.total(), 0U) << "void: nothing was lost";
    start_again();
    if (fs::exists(second)) fs::rename(second, log());
  }
}

class RecoveredProof : public RecoveredStorm, public testing::WithParamInterface<const char*> {};

TEST_P(RecoveredProof, HoldsWheneverItIsKilled) {
  for (unsigned seed = 0; seed < static_cast<unsigned>(rounds(10, 200)); ++seed) {
    SCOPED_TRACE(seed);
    kill_at_random(seed, GetParam());
    const std::vector<std::uint64_t> emitted = emitted_in(thread_counts());
    const std::array<std::uint64_t, 4> calls = counted(counters_);
    std::vector<std::uint64_t> returned(calls.begin(), calls.end());
    std::sort(returned.begin(), returned.end());
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < emitted.size(); ++i) {
      const std::uint64_t there = returned[returned.size() - emitted.size() + i];
      EXPECT_GE(emitted[i], there);
      EXPECT_LE(emitted[i], there + 1) << "one call that has not returned";
      sum += emitted[i];
    }
    const std::vector<RecoveryReport> reports = open()->recover_all();
    expect_proof(reports);
    if (!reports.empty() && !reports[0].clients.empty()) {
      EXPECT_EQ(reports[0].clients[0].emitted, sum);
    }
    EXPECT_TRUE(is_clean());
    start_again();
  }
}

INSTANTIATE_TEST_SUITE_P(Storms, RecoveredProof, testing::Values("storm", "drops", "filters"));

TEST_F(RecoveredStorm, TellsEachLossOnceWhenTheRecoveryIsKilledToo) {
  std::uint64_t told = 0;
  for (unsigned seed = 0; seed < static_cast<unsigned>(rounds(10, 100)); ++seed) {
    SCOPED_TRACE(seed);
    kill_at_random(seed, "drops");
    std::uint64_t emitted = 0;
    for (const std::uint64_t count : emitted_in(thread_counts())) emitted += count;
    kill_recoveries(seed);
    open()->recover_all();
    const Received got = received();
    EXPECT_LE(got.calls + got.lost.total(), emitted);
    EXPECT_GE(got.calls + got.lost.total() + 4, emitted) << "one call of each thread";
    EXPECT_TRUE(is_clean());
    told += got.lost.total();
    start_again();
  }
  EXPECT_GT(told, 0U) << "void: nothing was lost";
}

TEST_F(RecoveredStorm, CountsNothingTwiceWhenTheRecoveryIsKilledBeforeItsFirstBatchHasANumber) {
  kill_at_random(1, "drops");
  const UniqueFd directory(::open(session().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  SentTotals taken_over;
  taken_over.sent = 1000;
  taken_over.reported[LossReason::kRingFull] = 1000;
  // Nothing gives it a number: it is as it was left.
  Batch(4096, StreamId{{}, 0}, BatchPlace{directory.get(), 900, true, &taken_over}).reserve(1);
  expect_proof(open()->recover_all());
  EXPECT_TRUE(is_clean());
}

TEST_F(RecoveredStorm, LosesNothingWhenTheRecoveryIsKilledToo) {
  for (unsigned seed = 0; seed < static_cast<unsigned>(rounds(10, 100)); ++seed) {
    kill_at_random(seed);
    kill_recoveries(seed);
    open()->recover_all();
    expect_complete(seed);
    start_again();
  }
}

/// The file is rotated by the process, by the recovery and, in every second round, by somebody else
/// between the two.
TEST_F(RecoveredStorm, LosesNothingAndSendsNothingTwiceWhenItsFileIsRotated) {
  constexpr int kKeep = 1000;
  const std::string url = "file:" + log() + "?rotate_size=32K&rotate_keep=" + std::to_string(kKeep);
  int last = 0;  // rotated file
  for (unsigned seed = 0; seed < static_cast<unsigned>(rounds(20, 200)); ++seed) {
    kill_at_random(seed, "storm", url);
    const auto rotated = [&](int number) { return log() + "." + std::to_string(number); };
    int count = 0;
    while (fs::exists(rotated(count + 1))) ++count;
    ASSERT_LT(count, kKeep) << "void: lines are gone";
    last = std::max(last, count);
    // It may have been killed between renaming the file and making a new one.
    if (seed % 2 == 1 && fs::exists(log())) {
      for (int number = count; number > 0; --number)
        fs::rename(rotated(number), rotated(number + 1));
      fs::rename(log(), rotated(1));
    }
    if (seed % 4 == 3) kill_recoveries(seed);
    for (const RecoveryReport& report : open()->recover_all()) {
      EXPECT_EQ(report.sent, report.found()) << "seed " << seed;
    }
    expect_complete(seed, rotated_lines(log(), kKeep));
    ASSERT_FALSE(HasFailure());
    for (int number = 1; fs::remove(rotated(number)); ++number) continue;
    start_again();
  }
  EXPECT_GT(last, 3) << "void: too few rotations";
}

}  // namespace
}  // namespace metlog
