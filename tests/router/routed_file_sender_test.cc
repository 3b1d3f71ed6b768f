#include "tools/router/transport/routed_file_sender.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "metlog/make_sender.h"
#include "tests/router/decoding.h"
#include "tests/router/envelope.h"
#include "tests/senders/rotated_lines.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"
#include "tests/support/small_file_system.h"
#include "tools/router/encode/field_text_encoder.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;

/// A sender to a template below a folder, with its encoder, which writes payloads.
class RoutedFiles {
 public:
  RoutedFiles(const std::string& text, const RoutedFileSender::Options& changes) {
    RoutedFileSender::Options options = changes;
    options.path = *PathTemplate::parse(text);
    auto opened = RoutedFileSender::open(options);
    EXPECT_TRUE(opened.ok()) << opened.status();
    sender_ = *std::move(opened);
    encoder_ = dynamic_cast<RoutesMessages&>(*sender_).routed(
        std::make_unique<FieldTextEncoder>(FieldTextEncoder::Options{}));
  }

  void add(const std::string& logger, const std::string& payload,
           const std::string& timestamp = "2026-01-02T03:04:05Z") {
    Decoding decoding;
    ASSERT_EQ(decoding.outcome(envelope({{"logger", "\"" + logger + "\""},
                                         {"payload", "\"" + payload + "\""},
                                         {"timestamp", "\"" + timestamp + "\""}})),
              "accepted");
    if (batch_.count() == 0) batch_.begin(++number_, sequence_);
    ASSERT_TRUE(encoder_->encode(decoding.message(), batch_));
    ++sequence_;
  }
  /// Sends what was added; returns how many messages were lost.
  std::uint64_t send() {
    send_until_settled(*sender_, batch_);
    expect_all_accounted_for(batch_);
    const std::uint64_t lost = batch_.lost().total();
    EXPECT_EQ(batch_.lost()[LossReason::kRefused], lost);
    batch_.clear();
    return lost;
  }
  Sender& sender() { return *sender_; }

 private:
  std::unique_ptr<Sender> sender_;
  std::unique_ptr<MessageEncoder> encoder_;
  Batch batch_{1024 * 1024};
  std::uint64_t number_ = 0;
  std::uint64_t sequence_ = 0;
};

RoutedFileSender::Options plain() {
  return {*PathTemplate::parse("/x"), {}, {}, TimeZone::kUtc, false, 64, std::chrono::seconds(2)};
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

TEST(RoutedFileSender, WritesEachMessageToTheFileOfItsLoggerAndDay) {
  const TempDir dir;
  RoutedFiles files(dir.file("logs/%{Logger}/%Y-%m-%d.log"), plain());
  files.add("a", "1");
  files.add("b", "2");
  files.add("a", "3");
  files.add("a", "4", "2026-01-03T00:00:00+01:00");
  files.add("a", "5", "2026-01-03T00:00:00Z");
  EXPECT_EQ(files.send(), 0U);
  files.add("b", "6");
  EXPECT_EQ(files.send(), 0U);
  EXPECT_EQ(content_of(dir.file("logs/a/2026-01-02.log")), "1\n3\n4\n");
  EXPECT_EQ(content_of(dir.file("logs/a/2026-01-03.log")), "5\n");
  EXPECT_EQ(content_of(dir.file("logs/b/2026-01-02.log")), "2\n6\n");
}

TEST(RoutedFileSender, StaysBelowItsRoot) {
  const TempDir dir;
  fs::create_directories(dir.file("root/dir"));
  fs::create_directories(dir.file("outside"));
  fs::create_symlink(dir.file("outside"), dir.file("root/link"));
  fs::create_symlink("../outside/file.log", dir.file("root/up.log"));
  write_content(dir.file("outside/file.log"), "");
  RoutedFiles files(dir.file("root/%{Logger}.log"), plain());
  RoutedFiles folders(dir.file("root/%{Logger}/f.log"), plain());
  for (const char* logger : {"..", "../outside/file", "/etc/x", ".", "up"}) files.add(logger, "x");
  EXPECT_EQ(files.send(), 1U);  // of up.log
  for (const char* logger : {"link", "..", "dir"}) folders.add(logger, "x");
  EXPECT_EQ(folders.send(), 1U);  // of link
  EXPECT_EQ(content_of(dir.file("outside/file.log")), "");
  EXPECT_EQ(content_of(dir.file("root/dir/f.log")), "x\n");
  EXPECT_EQ(content_of(dir.file("root/_./f.log")), "x\n");
  std::size_t outside = 0;
  for ([[maybe_unused]] const auto& entry : fs::recursive_directory_iterator(dir.file("outside")))
    ++outside;
  EXPECT_EQ(outside, 1U);
}

TEST(RoutedFileSender, KeepsNoMoreFilesOpenThanItMay) {
  const TempDir dir;
  RoutedFileSender::Options options = plain();
  options.max_open = 4;
  RoutedFiles files(dir.file("%{Logger}.log"), options);
  const std::size_t before = open_descriptors();
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 100; ++i) files.add("l" + std::to_string(i), std::to_string(round));
    EXPECT_EQ(files.send(), 0U);
    EXPECT_LE(open_descriptors(), before + 2 * 4);  // one to write and one to look
  }
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(content_of(dir.file("l" + std::to_string(i) + ".log")), "0\n1\n2\n");
  }
}

TEST(RoutedFileSender, LosesOnlyTheMessagesOfAFileThatCannotBeWritten) {
  const TempDir dir;
  RoutedFiles files(dir.file("%{Logger}.log"), plain());
  fs::create_directory(dir.file("bad.log"));
  ASSERT_EQ(::mkfifo(dir.file("pipe.log").c_str(), 0600), 0);
  const int reader = ::open(dir.file("pipe.log").c_str(), O_RDONLY | O_NONBLOCK);
  for (int i = 0; i < 10; ++i) {
    files.add("good", std::to_string(i));
    files.add("bad", "x");
    files.add("pipe", "x");
  }
  EXPECT_EQ(files.send(), 20U);
  EXPECT_EQ(content_of(dir.file("good.log")), "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
  ::close(reader);
}

TEST(RoutedFileSender, MakesItsFoldersAgainWhenTheyAreRemoved) {
  const TempDir dir;
  RoutedFiles files(dir.file("root/%{Logger}/f.log"), plain());
  files.add("a", "1");
  EXPECT_EQ(files.send(), 0U);
  fs::remove_all(dir.file("root"));
  files.add("a", "2");
  files.add("b", "3");
  EXPECT_EQ(files.send(), 0U);
  EXPECT_EQ(content_of(dir.file("root/a/f.log")), "2\n");
  EXPECT_EQ(content_of(dir.file("root/b/f.log")), "3\n");
}

TEST(RoutedFileSender, OpensAMovedFileAgainWhenAsked) {
  const TempDir dir;
  RoutedFiles files(dir.file("root/%{Logger}.log"), plain());
  files.add("a", "1");
  EXPECT_EQ(files.send(), 0U);
  fs::rename(dir.file("root/a.log"), dir.file("root/a.old"));
  reopen_files();
  files.add("a", "2");
  EXPECT_EQ(files.send(), 0U);
  EXPECT_EQ(content_of(dir.file("root/a.old")), "1\n");
  EXPECT_EQ(content_of(dir.file("root/a.log")), "2\n");
  fs::rename(dir.file("root"), dir.file("moved"));  // the folder, too
  reopen_files();
  files.sender().idle();
  files.add("a", "3");
  EXPECT_EQ(files.send(), 0U);
  EXPECT_EQ(content_of(dir.file("root/a.log")), "3\n");
  EXPECT_EQ(content_of(dir.file("moved/a.log")), "2\n");
}

TEST(RoutedFileSender, GivesFilesAndFoldersTheirPermissions) {
  const TempDir dir;
  RoutedFileSender::Options options = plain();
  options.modes = {0600, 0700};
  RoutedFiles files(dir.file("r/%{Logger}/f.log"), options);
  files.add("a", "1");
  EXPECT_EQ(files.send(), 0U);
  const auto mode = [&](const char* name) {
    struct stat status {};
    EXPECT_EQ(::stat(dir.file(name).c_str(), &status), 0);
    return status.st_mode & 0777U;
  };
  EXPECT_EQ(mode("r"), 0700U);
  EXPECT_EQ(mode("r/a"), 0700U);
  EXPECT_EQ(mode("r/a/f.log"), 0600U);
}

TEST(RoutedFileSender, RotatesBeforeAFileBecomesTooLong) {
  const TempDir dir;
  RoutedFileSender::Options options = plain();
  options.rotation = {.max_bytes = 100, .keep = 3};
  RoutedFiles files(dir.file("%{Logger}.log"), options);
  std::vector<std::string> expected;
  for (int i = 0; i < 35; ++i) {
    expected.push_back(std::to_string(100 + i) + "456789");  // ten bytes with the newline
    files.add("a", expected.back());
    if (i % 7 == 0) {
      EXPECT_EQ(files.send(), 0U);
    }
  }
  EXPECT_EQ(files.send(), 0U);
  for (const char* name : {"a.log.1", "a.log.2", "a.log.3"}) {
    EXPECT_EQ(fs::file_size(dir.file(name)), 100U) << name;
  }
  EXPECT_FALSE(fs::exists(dir.file("a.log.4")));
  EXPECT_EQ(rotated_lines(dir.file("a.log"), 3), expected);
  for (int i = 0; i < 10; ++i) files.add("a", "new456789");
  EXPECT_EQ(files.send(), 0U);
  expected.erase(expected.begin(), expected.begin() + 10);  // the oldest file is gone
  for (int i = 0; i < 10; ++i) expected.push_back("new456789");
  EXPECT_EQ(rotated_lines(dir.file("a.log"), 3), expected);
  files.add("a", std::string(500, 'x'));  // has a file to itself
  EXPECT_EQ(files.send(), 0U);
  EXPECT_EQ(content_of(dir.file("a.log")), std::string(500, 'x') + "\n");
}

TEST(RoutedFileSender, RotatesAFileOfAnEarlierPeriod) {
  const TempDir dir;
  write_content(dir.file("a.log"), "yesterday\n");
  const timespec old[] = {{1'700'000'000, 0}, {1'700'000'000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, dir.file("a.log").c_str(), old, 0), 0);
  RoutedFileSender::Options options = plain();
  options.rotation = {.interval = std::chrono::hours(24), .keep = 2};
  RoutedFiles files(dir.file("a.log"), options);
  files.add("a", "today");
  files.add("a", "too");
  EXPECT_EQ(files.send(), 0U);
  EXPECT_EQ(content_of(dir.file("a.log.1")), "yesterday\n");
  EXPECT_EQ(content_of(dir.file("a.log")), "today\ntoo\n");
  EXPECT_FALSE(fs::exists(dir.file("a.log.2")));
}

// Each rotates what is full, while the others hold it open.
TEST(RoutedFileSender, SharesARotatedFileWithOtherWriters) {
  const TempDir dir;
  constexpr int kWriters = 3;
  constexpr int kMessages = 300;
  RoutedFileSender::Options options = plain();
  options.rotation = {.max_bytes = 2000, .keep = 1000};
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      RoutedFiles files(dir.file("a.log"), options);
      for (int i = 0; i < kMessages; ++i) {
        files.add("a",
                  std::to_string(writer) + ":" + std::to_string(i) + std::string(40, ' ') + "|");
        if (i % 5 == 0) {
          EXPECT_EQ(files.send(), 0U);
        }
      }
      EXPECT_EQ(files.send(), 0U);
    });
  }
  for (std::thread& writer : writers) writer.join();
  std::map<int, int> seen;
  for (const std::string& line : rotated_lines(dir.file("a.log"), 1000)) {
    ASSERT_EQ(line.back(), '|') << line;
    ++seen[std::stoi(line) * kMessages + std::stoi(line.substr(2))];
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kWriters * kMessages));
  for (const auto& [message, count] : seen) EXPECT_EQ(count, 1) << message;
}

TEST(RoutedFileSender, GoesOnWithAFileThatCannotBeRotated) {
  const TempDir dir;
  fs::create_directories(dir.file("a.log.1/x"));  // rename() cannot replace it
  RoutedFileSender::Options options = plain();
  options.rotation = {.max_bytes = 10, .keep = 1};
  RoutedFiles files(dir.file("a.log"), options);
  for (int i = 0; i < 10; ++i) files.add("a", std::to_string(i));
  EXPECT_EQ(files.send(), 0U);
  EXPECT_EQ(content_of(dir.file("a.log")), "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
}

TEST(RoutedFileSender, CountsWhatAFullDiskRefusesAndGoesOnWhenThereIsSpace) {
  const TempDir dir;
  const SmallFileSystem disk(dir.file("disk"), "size=256k,mode=0700");
  if (!disk.is_mounted()) GTEST_SKIP() << "needs to mount a tmpfs";
  RoutedFileSender::Options options = plain();
  options.hold = std::chrono::milliseconds(20);
  RoutedFiles files(disk.path().string() + "/%{Logger}.log", options);
  std::uint64_t lost = 0;
  std::uint64_t sent = 0;
  for (int i = 0; i < 600; ++i) {
    files.add(i % 2 == 0 ? "a" : "b", std::string(1000, 'x'));
    ++sent;
    if (i % 50 == 49) lost += files.send();
  }
  EXPECT_GT(lost, 0U);
  std::uint64_t lines = 0;
  for (const char* name : {"/a.log", "/b.log"}) {
    const std::string text = content_of(disk.path().string() + name);
    EXPECT_EQ(text.size() % 1001, 0U);  // no torn line
    lines += text.size() / 1001;
  }
  EXPECT_EQ(lines + lost, sent);
  fs::remove(disk.path().string() + "/a.log");
  const auto begin = std::chrono::steady_clock::now();
  do {
    files.add("a", "again");
    ASSERT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
  } while (files.send() != 0);
  EXPECT_EQ(content_of(disk.path().string() + "/a.log"), "again\n");
}

TEST(RoutedFileSender, SaysAtTheStartWhatCannotBeOpened) {
  const TempDir dir;
  write_content(dir.file("file"), "");
  const auto error = [&](const std::string& text) {
    RoutedFileSender::Options options = plain();
    options.path = *PathTemplate::parse(text);
    return std::string(RoutedFileSender::open(options).status().message());
  };
  EXPECT_NE(error(dir.file("file/%{Logger}.log")).find(dir.file("file")), std::string::npos);
  fs::create_directory(dir.file("d"));
  EXPECT_NE(error(dir.file("d")).find(dir.file("d") + "' to append"), std::string::npos);
}

}  // namespace
}  // namespace metlog
