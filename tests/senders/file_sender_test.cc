#include "senders/file/file_sender.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>

#include "metlog/internal/base/unique_fd.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"
#include "tests/support/file_size_limit.h"

namespace metlog {
namespace {

using testing::HasSubstr;

absl::StatusOr<std::unique_ptr<Sender>> open_file(const std::string& url) {
  return FileSender::open(*parse_url(url));
}

/// A file system of 64 KiB; not mounted where that is not allowed.
class SmallDisk {
 public:
  explicit SmallDisk(std::string path) : path_(std::move(path)) {
    ::mkdir(path_.c_str(), 0700);
    is_mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=64k") == 0;
  }
  ~SmallDisk() {
    if (is_mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool is_mounted() const { return is_mounted_; }

 private:
  std::string path_;
  bool is_mounted_;
};

/// The first `count` messages as lines.
std::string joined(const std::vector<std::string>& messages, std::size_t count) {
  std::string lines;
  for (std::size_t i = 0; i < count; ++i) lines += messages[i] + "\n";
  return lines;
}

TEST(FileSender, AppendsALineAMessage) {
  const TempDir dir;
  write_content(dir.file("log"), "before\n");
  for (const char* message : {"a", "b"}) {
    const auto sender = open_file("file://" + dir.file("log"));
    ASSERT_TRUE(sender.ok()) << sender.status();
    Batch batch = batch_of({message, "{}"});
    EXPECT_EQ((*sender)->send(batch), SendResult::kSent);
    EXPECT_TRUE((*sender)->flush(std::chrono::nanoseconds(0)));
    expect_all_accounted_for(batch);
  }
  EXPECT_EQ(content_of(dir.file("log")), "before\na\n{}\nb\n{}\n");
}

TEST(FileSender, CreatesAFileThatOthersMayNotRead) {
  const TempDir dir;
  const mode_t before = ::umask(0);
  ASSERT_TRUE(open_file("file://" + dir.file("log")).ok());
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat(dir.file("log").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0640U);
}

TEST(FileSender, TruncatesWhenAsked) {
  const TempDir dir;
  write_content(dir.file("log"), "before\nhalf a line");
  const auto sender = open_file("file://" + dir.file("log") + "?truncate=1");
  ASSERT_TRUE(sender.ok()) << sender.status();
  Batch batch = batch_of({"a"});
  EXPECT_EQ((*sender)->send(batch), SendResult::kSent);
  EXPECT_EQ(content_of(dir.file("log")), "a\n");
  expect_all_accounted_for(batch);
}

TEST(FileSender, EndsTheHalfLineThatAnEarlierProcessLeft) {
  const TempDir dir;
  write_content(dir.file("log"), "whole\nhal");
  const auto sender = open_file("file://" + dir.file("log"));
  ASSERT_TRUE(sender.ok()) << sender.status();
  Batch batch = batch_of({"a"});
  EXPECT_EQ((*sender)->send(batch), SendResult::kSent);
  EXPECT_EQ(content_of(dir.file("log")), "whole\nhal [cut]\na\n");
  expect_all_accounted_for(batch);
}

/// A file that can grow and nothing else: half a line cannot be taken back.
class GrowingFile {
 public:
  GrowingFile() : fd_(::memfd_create("log", MFD_ALLOW_SEALING)) {
    EXPECT_EQ(::fcntl(fd_.get(), F_ADD_SEALS, F_SEAL_SHRINK), 0);
  }
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(fd_.get()); }

 private:
  UniqueFd fd_;
};

TEST(FileSender, EndsALineOfWhichOnlyTheNewlineIsMissing) {
  const GrowingFile file;
  const auto sender = open_file("file://" + file.path());
  ASSERT_TRUE(sender.ok()) << sender.status();
  Batch cut = batch_of({"{}", R"({"b":1})", "{}"});
  {
    const FileSizeLimit limit(3 + 7);
    EXPECT_EQ((*sender)->send(cut), SendResult::kLost);
  }
  EXPECT_EQ(cut.sent_count(), 2U) << "the second, too: its newline follows";
  Batch next = batch_of({"{}"});
  EXPECT_EQ((*sender)->send(next), SendResult::kSent);
  EXPECT_EQ(content_of(file.path()), "{}\n{\"b\":1}\n{}\n");
  expect_all_accounted_for(cut);
  expect_all_accounted_for(next);
}

TEST(FileSender, MarksHalfALineOfItsOwnWhateverItEndsWith) {
  const GrowingFile file;
  const auto sender = open_file("file://" + file.path());
  ASSERT_TRUE(sender.ok()) << sender.status();
  Batch cut = batch_of({R"({"a":{},"b":{}})"});
  {
    const FileSizeLimit limit(7);
    EXPECT_EQ((*sender)->send(cut), SendResult::kLost);
    Batch refused = batch_of({"{}"});
    EXPECT_EQ((*sender)->send(refused), SendResult::kLost) << "and nothing is forgotten";
  }
  Batch next = batch_of({"{}"});
  EXPECT_EQ((*sender)->send(next), SendResult::kSent);
  EXPECT_EQ(content_of(file.path()), "{\"a\":{} [cut]\n{}\n");
  expect_all_accounted_for(cut);
  expect_all_accounted_for(next);
}

TEST(FileSender, SaysWhyAPathCannotBeWritten) {
  const TempDir dir;
  const auto missing = open_file("file://" + dir.file("no/log"));
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.status().message()),
              testing::AllOf(HasSubstr(dir.file("no/log")), HasSubstr("No such file"),
                             HasSubstr("create the directory")));
  const auto directory = open_file("file://" + dir.file(""));
  EXPECT_THAT(std::string(directory.status().message()), HasSubstr("name a file in it"));
  ASSERT_EQ(::mkfifo(dir.file("fifo").c_str(), 0600), 0);
  const auto fifo = open_file("file://" + dir.file("fifo"));
  EXPECT_THAT(std::string(fifo.status().message()), HasSubstr("start what reads this pipe"));
  EXPECT_THAT(std::string(open_file("file:").status().message()), HasSubstr("lacks a path"));
  EXPECT_THAT(std::string(open_file("file://x/y").status().message()), HasSubstr("file:///x/y"));
  EXPECT_THAT(std::string(open_file("file:x?hold=1").status().message()),
              HasSubstr("takes truncate, hold_ms, hold_bytes, rotate_size"));
}

TEST(FileSender, HoldsWhileTheDiskIsFull) {
  const auto sender = open_file("file:///dev/full?hold_ms=3600000");
  ASSERT_TRUE(sender.ok()) << sender.status();
  Batch batch = batch_of({"a", "b"});
  EXPECT_EQ((*sender)->send(batch), SendResult::kBusy);
  EXPECT_EQ((*sender)->send(batch), SendResult::kBusy);
  EXPECT_EQ(batch.remaining_count(), 2U);
  batch.lose_rest(LossReason::kExpired);
  expect_all_accounted_for(batch);
}

TEST(FileSender, GivesUpWhenTheHoldIsOverAndThenAtOnce) {
  const auto sender = open_file("file:///dev/full?hold_ms=30");
  ASSERT_TRUE(sender.ok()) << sender.status();
  Batch batch = batch_of({"a", "b"});
  EXPECT_EQ(send_until_settled(**sender, batch), SendResult::kLost);
  EXPECT_EQ(batch.lost()[LossReason::kRefused], 2U);
  expect_all_accounted_for(batch);
  Batch next = batch_of({"c"});
  EXPECT_EQ((*sender)->send(next), SendResult::kLost);
  EXPECT_EQ(next.lost()[LossReason::kRefused], 1U);
  expect_all_accounted_for(next);
}

TEST(FileSender, TakesBackTheLineThatWasCutWhenItGivesUp) {
  const TempDir dir;
  const auto sender = open_file("file://" + dir.file("log"));
  ASSERT_TRUE(sender.ok()) << sender.status();
  Batch batch = batch_of({"first", "second", "third"});
  {
    const FileSizeLimit limit(10);  // in the middle of "second"
    EXPECT_EQ((*sender)->send(batch), SendResult::kLost);
  }
  EXPECT_EQ(batch.sent_count(), 1U);
  EXPECT_EQ(batch.lost()[LossReason::kRefused], 2U);
  expect_all_accounted_for(batch);
  EXPECT_EQ(content_of(dir.file("log")), "first\n");
  Batch next = batch_of({"fourth"});
  EXPECT_EQ((*sender)->send(next), SendResult::kSent);
  EXPECT_EQ(content_of(dir.file("log")), "first\nfourth\n");
  expect_all_accounted_for(next);
}

TEST(FileSender, HasWholeLinesOnlyWhileTheDiskIsFullAndGoesOnWhenThereIsRoom) {
  const TempDir dir;
  const SmallDisk disk(dir.file("disk"));
  if (!disk.is_mounted()) GTEST_SKIP() << "may not mount a small file system here";
  write_content(dir.file("disk/other"), std::string(20'000, 'o'));
  const auto sender = open_file("file://" + dir.file("disk/log") + "?hold_ms=3600000");
  ASSERT_TRUE(sender.ok()) << sender.status();
  const auto messages = numbered_messages(60, 999);
  Batch batch = batch_of(messages);
  EXPECT_EQ((*sender)->send(batch), SendResult::kBusy);
  EXPECT_FALSE(batch.is_inside_message());
  EXPECT_GT(batch.sent_count(), 30U);
  EXPECT_EQ(content_of(dir.file("disk/log")), joined(messages, batch.sent_count()));
  std::filesystem::remove(dir.file("disk/other"));
  EXPECT_EQ(send_until_settled(**sender, batch), SendResult::kSent);
  EXPECT_EQ(content_of(dir.file("disk/log")), joined(messages, 60));
  EXPECT_EQ(batch.sent_count(), 60U);
  expect_all_accounted_for(batch);
}

TEST(FileSender, WaitsOnceForAFullDiskAndNotForEachBatch) {
  const TempDir dir;
  const SmallDisk disk(dir.file("disk"));
  if (!disk.is_mounted()) GTEST_SKIP() << "may not mount a small file system here";
  const auto sender = open_file("file://" + dir.file("disk/log") + "?hold_ms=50");
  ASSERT_TRUE(sender.ok()) << sender.status();
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;
  int batches_that_waited = 0;
  // Messages of all lengths, so that some fit into what the others leave of the last page.
  for (std::size_t i = 0; i < 2000; ++i) {
    Batch batch = batch_of(numbered_messages(3, 10 + i * 37 % 400));
    bool has_waited = false;
    send_until_settled(**sender, batch, [&] { has_waited = true; });
    batches_that_waited += has_waited ? 1 : 0;
    expect_all_accounted_for(batch);
    sent += batch.sent_count();
    lost += batch.lost()[LossReason::kRefused];
  }
  EXPECT_EQ(batches_that_waited, 1);
  EXPECT_EQ(sent + lost, 6000U);
  const std::string content = content_of(dir.file("disk/log"));
  EXPECT_EQ(static_cast<std::uint64_t>(std::count(content.begin(), content.end(), '\n')), sent);
  EXPECT_EQ(content.back(), '\n');
}

TEST(FileSender, GoesOnWithinASecondOfRoomAfterItsWaitIsOver) {
  const TempDir dir;
  const SmallDisk disk(dir.file("disk"));
  if (!disk.is_mounted()) GTEST_SKIP() << "may not mount a small file system here";
  write_content(dir.file("disk/other"), std::string(60'000, 'o'));
  const auto sender = open_file("file://" + dir.file("disk/log") + "?hold_ms=0");
  ASSERT_TRUE(sender.ok()) << sender.status();
  Batch first = batch_of(numbered_messages(20, 999));
  EXPECT_EQ((*sender)->send(first), SendResult::kLost);
  expect_all_accounted_for(first);
  std::filesystem::remove(dir.file("disk/other"));
  const auto begin = std::chrono::steady_clock::now();
  std::uint64_t lost = 0;
  while (true) {
    Batch next = batch_of({"next"});
    const SendResult result = (*sender)->send(next);
    expect_all_accounted_for(next);
    if (result == SendResult::kSent) break;
    ++lost;
    ASSERT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10)) << lost;
  }
  EXPECT_EQ(content_of(dir.file("disk/log")),
            joined(numbered_messages(20, 999), first.sent_count()) + "next\n");
}

TEST(FileSender, LeavesWhatAnotherWriterHasAppendedAndEndsItsHalfLine) {
  const TempDir dir;
  const auto sender = open_file("file://" + dir.file("log"));
  ASSERT_TRUE(sender.ok()) << sender.status();
  for (const char* text : {"first", "second"}) {
    Batch batch = batch_of({text});
    EXPECT_EQ((*sender)->send(batch), SendResult::kSent);
    expect_all_accounted_for(batch);
    std::ofstream(dir.file("log"), std::ios::app) << "{\"half a li";
  }
  Batch last = batch_of({"last"});
  EXPECT_EQ((*sender)->send(last), SendResult::kSent);
  expect_all_accounted_for(last);
  EXPECT_EQ(content_of(dir.file("log")),
            "first\n{\"half a li [cut]\nsecond\n{\"half a li [cut]\nlast\n");
}

TEST(FileSender, GivesAWholeMessageThatLacksItsNewlineTheNewlineAlone) {
  const TempDir dir;
  write_content(dir.file("log"), "{\"a\":1}");
  const auto sender = open_file("file://" + dir.file("log"));
  ASSERT_TRUE(sender.ok()) << sender.status();
  Batch batch = batch_of({"{}"});
  EXPECT_EQ((*sender)->send(batch), SendResult::kSent);
  EXPECT_EQ(content_of(dir.file("log")), "{\"a\":1}\n{}\n");
  expect_all_accounted_for(batch);
}

}  // namespace
}  // namespace metlog
