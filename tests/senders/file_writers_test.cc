// Several writers of one file: processes that begin while others write, writers that die in a
// write, locks of others.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "metlog/internal/base/unique_fd.h"
#include "senders/file/file_sender.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

std::unique_ptr<Sender> open_log(const TempDir& dir) {
  auto sender = FileSender::open(*parse_url("file://" + dir.file("log")));
  EXPECT_TRUE(sender.ok()) << sender.status();
  return *std::move(sender);
}

/// Messages of one writer, of a size that it shows.
std::vector<std::string> messages_of(char writer, std::size_t count, std::size_t size) {
  return std::vector<std::string>(count, std::string(size, writer));
}

bool send_all(Sender& sender, const std::vector<std::string>& messages) {
  Batch batch = batch_of(messages);
  send_until_settled(sender, batch);
  return batch.sent_count() == messages.size();
}

std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> lines;
  std::istringstream text(content_of(path));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

/// Runs `work` in a forked child and returns its process id.
template <class Work>
pid_t in_child(Work work) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::alarm(60);
  ::_exit(work() ? 0 : 1);
}

int status_of(pid_t child) {
  int status = -1;
  ::waitpid(child, &status, 0);
  return status;
}

TEST(FileSender, AddsNoLinesWhenAChildBeginsWhileItsParentWrites) {
  constexpr std::size_t kSize = 1000;
  constexpr std::size_t kCount = 300;
  constexpr std::size_t kChildren = 25;
  const TempDir dir;
  const auto parent = open_log(dir);
  std::size_t written = 0;
  for (std::size_t i = 0; i < kChildren; ++i) {
    const pid_t child =
        in_child([&] { return send_all(*open_log(dir), messages_of('c', kCount, kSize)); });
    int status = -1;
    while (::waitpid(child, &status, WNOHANG) == 0) {
      ASSERT_TRUE(send_all(*parent, messages_of('p', kCount, kSize)));
      written += kCount;
    }
    ASSERT_EQ(status, 0);
  }
  std::map<std::string, std::size_t> counts;
  for (const std::string& line : lines_of(dir.file("log"))) ++counts[line];
  EXPECT_EQ(counts.size(), 2U);
  EXPECT_EQ(counts[std::string(kSize, 'c')], kChildren * kCount);
  EXPECT_EQ(counts[std::string(kSize, 'p')], written);
}

TEST(FileSender, JoinsNoMessageToTheLineOfAWriterThatDiedInAWrite) {
  constexpr std::size_t kSize = 1'000'000;
  const TempDir dir;
  const auto survivor = open_log(dir);
  int cut = 0;
  for (int round = 0; round < 15; ++round) {
    std::filesystem::resize_file(dir.file("log"), 0);
    const pid_t child = in_child([&] {
      const auto own = open_log(dir);
      while (true) send_all(*own, messages_of('d', 8, kSize));
      return true;
    });
    while (std::filesystem::file_size(dir.file("log")) == 0) ::sched_yield();
    ::kill(child, SIGKILL);
    // Before and after its death.
    ASSERT_TRUE(send_all(*survivor, {"s"}));
    ASSERT_EQ(status_of(child), SIGKILL);
    ASSERT_TRUE(send_all(*survivor, {"s", "s"}));
    std::size_t found = 0;
    for (const std::string& line : lines_of(dir.file("log"))) {
      if (line == "s") {
        ++found;
      } else if (line.ends_with(kCutMark)) {
        EXPECT_EQ(line.find_first_not_of('d'), line.size() - kCutMark.size());
        ++cut;
      } else {
        EXPECT_EQ(line, std::string(kSize, 'd')) << line.substr(0, 80);
      }
    }
    EXPECT_EQ(found, 3U);
  }
  RecordProperty("cut_lines", cut);
}

/// The number of read(2) and its kind that this thread has made; nothing where it is not counted.
std::optional<std::uint64_t> reads_of_this_thread() {
  std::ifstream counters("/proc/thread-self/io");
  std::string name;
  for (std::uint64_t count = 0; counters >> name >> count;) {
    if (name == "syscr:") return count;
  }
  return std::nullopt;
}

TEST(FileSender, ReadsTheLastByteOnlyOfAFileThatDoesNotEndWhereItsOwnWriteEnded) {
  if (!reads_of_this_thread().has_value()) GTEST_SKIP() << "the kernel does not count reads";
  const TempDir dir;
  const auto sender = open_log(dir);
  const std::uint64_t first = *reads_of_this_thread();
  const std::uint64_t of_counting = *reads_of_this_thread() - first;
  const auto reads_of_a_message = [&] {
    const std::uint64_t begin = *reads_of_this_thread();
    EXPECT_TRUE(send_all(*sender, {"message"}));
    return *reads_of_this_thread() - begin - of_counting;
  };
  EXPECT_EQ(reads_of_a_message(), 0U) << "of an empty file";
  for (int i = 0; i < 10; ++i) EXPECT_EQ(reads_of_a_message(), 0U);
  std::ofstream(dir.file("log"), std::ios::app) << "of another writer\n";
  EXPECT_EQ(reads_of_a_message(), 1U);
  EXPECT_EQ(reads_of_a_message(), 0U);
  std::filesystem::resize_file(dir.file("log"), 9);  // in the middle of the second message
  EXPECT_EQ(reads_of_a_message(), 1U);
  EXPECT_EQ(reads_of_a_message(), 0U);
  EXPECT_EQ(content_of(dir.file("log")), "message\nm [cut]\nmessage\nmessage\n");
}

TEST(FileSender, EndsTheHalfLineInAFileThatWasEmptiedAndBegunByAnotherWriter) {
  const TempDir dir;
  const auto sender = open_log(dir);
  ASSERT_TRUE(send_all(*sender, {"some", "messages"}));
  std::filesystem::resize_file(dir.file("log"), 0);
  std::ofstream(dir.file("log"), std::ios::app) << "half a li";
  ASSERT_TRUE(send_all(*sender, {"next"}));
  EXPECT_EQ(content_of(dir.file("log")), "half a li [cut]\nnext\n");
}

TEST(FileSender, WaitsForALockOnceAndThenWritesWithoutIt) {
  const TempDir dir;
  const auto sender = open_log(dir);
  const UniqueFd other(::open(dir.file("log").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(::flock(other.get(), LOCK_EX), 0);
  const auto waits_for = [&](const std::string& message) {
    Batch batch = batch_of({message});
    bool has_waited = false;
    EXPECT_EQ(send_until_settled(*sender, batch, [&] { has_waited = true; }), SendResult::kSent);
    expect_all_accounted_for(batch);
    return has_waited;
  };
  EXPECT_TRUE(waits_for("a"));
  EXPECT_FALSE(waits_for("b"));
  ASSERT_EQ(::flock(other.get(), LOCK_UN), 0);
  EXPECT_FALSE(waits_for("c"));
  ASSERT_EQ(::flock(other.get(), LOCK_EX), 0);
  EXPECT_TRUE(waits_for("d"));
  EXPECT_EQ(content_of(dir.file("log")), "a\nb\nc\nd\n");
}

TEST(FileSender, LeavesTheUnfinishedLineOfAWriterThatHoldsTheLock) {
  const TempDir dir;
  const auto sender = open_log(dir);
  const UniqueFd other(::open(dir.file("log").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  ASSERT_EQ(::flock(other.get(), LOCK_EX), 0);
  ASSERT_EQ(::write(other.get(), "begun, ", 7), 7);
  Batch batch = batch_of({"next"});
  // Beyond the time that it waits for the lock alone.
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
  while (std::chrono::steady_clock::now() < end) {
    ASSERT_EQ(sender->send(batch), SendResult::kBusy);
  }
  ASSERT_EQ(::write(other.get(), "ended\n", 6), 6);
  ASSERT_EQ(::flock(other.get(), LOCK_UN), 0);
  EXPECT_EQ(send_until_settled(*sender, batch), SendResult::kSent);
  expect_all_accounted_for(batch);
  EXPECT_EQ(content_of(dir.file("log")), "begun, ended\nnext\n");
}

TEST(FileSender, WritesAFileThatItMayNotRead) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  const TempDir dir;
  constexpr uid_t kNobody = 65534;
  write_content(dir.file("log"), "half");
  ASSERT_EQ(::chown(dir.file("").c_str(), kNobody, kNobody), 0);
  ASSERT_EQ(::chown(dir.file("log").c_str(), kNobody, kNobody), 0);
  ASSERT_EQ(::chmod(dir.file("log").c_str(), 0200), 0);
  ASSERT_EQ(::seteuid(kNobody), 0);
  const auto sender = open_log(dir);
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_TRUE(send_all(*sender, {" and whole"}));
  EXPECT_EQ(content_of(dir.file("log")), "half and whole\n");
}

}  // namespace
}  // namespace metlog
