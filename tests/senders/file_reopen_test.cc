// A file sender whose file is moved, removed, replaced or emptied.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "metlog/internal/base/unique_fd.h"
#include "metlog/make_sender.h"
#include "senders/file/file_sender.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;

/// A sender to `log` in a directory of its own.
class LogFile {
 public:
  explicit LogFile(const std::string& options = "?hold_ms=0", const std::string& name = "d/log")
      : path(dir.file(name)) {
    fs::create_directory(dir.file("d"));
    auto opened = FileSender::open(*parse_url("file://" + path + options));
    EXPECT_TRUE(opened.ok()) << opened.status();
    if (opened.ok()) sender = *std::move(opened);
  }
  /// Sends one message; true when it was sent.
  bool send(const std::string& message) const {
    Batch batch = batch_of({message});
    send_until_settled(*sender, batch);
    expect_all_accounted_for(batch);
    return batch.sent_count() == 1;
  }
  /// Sends so long until one is sent, which must be soon; returns the number of tries.
  int send_until_sent(const std::string& message) const {
    const auto begin = std::chrono::steady_clock::now();
    int tries = 1;
    for (; !send(message); ++tries) {
      EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
    }
    return tries;
  }

  const TempDir dir;
  const std::string path;
  std::unique_ptr<Sender> sender;
};

TEST(FileSender, FollowsItsPathWithinASecondAfterTheFileWasMoved) {
  const LogFile log;
  int sent = log.send("0") ? 1 : 0;
  fs::rename(log.path, log.path + ".1");
  const auto begin = std::chrono::steady_clock::now();
  while (!fs::exists(log.path)) {
    ASSERT_TRUE(log.send(std::to_string(sent)));
    ++sent;
    ASSERT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  }
  ASSERT_TRUE(log.send(std::to_string(sent)));
  std::string expected;
  for (int i = 0; i <= sent; ++i) expected += std::to_string(i) + "\n";
  EXPECT_EQ(content_of(log.path + ".1") + content_of(log.path), expected);
  EXPECT_EQ(content_of(log.path), std::to_string(sent - 1) + "\n" + std::to_string(sent) + "\n");
}

TEST(FileSender, FollowsItsPathAtOnceWhenAskedTo) {
  const LogFile log;
  EXPECT_TRUE(log.send("a"));
  fs::rename(log.path, log.path + ".1");
  reopen_files();
  EXPECT_TRUE(log.send("b"));
  reopen_files();
  EXPECT_TRUE(log.send("c"));
  EXPECT_EQ(content_of(log.path + ".1"), "a\n");
  EXPECT_EQ(content_of(log.path), "b\nc\n");
}

TEST(FileSender, FollowsItsPathWithoutAMessageWhenAskedTo) {
  const LogFile log;
  fs::rename(log.path, log.path + ".1");
  log.sender->idle();
  EXPECT_FALSE(fs::exists(log.path));
  reopen_files();
  log.sender->idle();
  EXPECT_TRUE(fs::exists(log.path));
}

TEST(FileSender, OpensARemovedFileAnewBeforeTheNextMessage) {
  const LogFile log;
  EXPECT_TRUE(log.send("a"));
  for (const char* message : {"b", "c"}) {
    fs::remove(log.path);
    EXPECT_TRUE(log.send(message));
    EXPECT_EQ(content_of(log.path), std::string(message) + "\n");
  }
}

TEST(FileSender, KeepsAFileOfWhichAnotherNameWasRemovedAndFollowsItsPathWithinASecond) {
  const LogFile log;
  EXPECT_TRUE(log.send("a"));
  fs::create_hard_link(log.path, log.path + ".kept");
  fs::remove(log.path + ".kept");
  EXPECT_TRUE(log.send("b"));
  EXPECT_EQ(content_of(log.path), "a\nb\n");
  fs::create_hard_link(log.path, log.path + ".kept");
  fs::remove(log.path);
  const auto begin = std::chrono::steady_clock::now();
  while (!fs::exists(log.path)) {
    ASSERT_TRUE(log.send("c"));
    ASSERT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  }
  EXPECT_TRUE(content_of(log.path + ".kept").starts_with("a\nb\n"));
  EXPECT_EQ(content_of(log.path), "c\n");
}

TEST(FileSender, AppendsToTheFileThatReplacedItsOwn) {
  const LogFile log("?truncate=1");
  EXPECT_TRUE(log.send("a"));
  write_content(log.path + ".new", "other\n");
  fs::rename(log.path + ".new", log.path);
  EXPECT_TRUE(log.send("b"));
  EXPECT_EQ(content_of(log.path), "other\nb\n");
}

TEST(FileSender, WritesAtTheBeginningOfAFileThatWasEmptied) {
  const LogFile log;
  EXPECT_TRUE(log.send("before"));
  fs::copy_file(log.path, log.path + ".1");
  fs::resize_file(log.path, 0);
  EXPECT_TRUE(log.send("after"));
  EXPECT_EQ(content_of(log.path + ".1"), "before\n");
  EXPECT_EQ(content_of(log.path), "after\n");
}

TEST(FileSender, CountsAsLostWhileItsDirectoryIsGoneAndThenGoesOn) {
  const LogFile log;
  EXPECT_TRUE(log.send("a"));
  fs::remove_all(log.dir.file("d"));
  EXPECT_FALSE(log.send("lost"));
  EXPECT_FALSE(log.send("lost"));
  fs::create_directory(log.dir.file("d"));
  EXPECT_GE(log.send_until_sent("b"), 1);
  EXPECT_EQ(content_of(log.path), "b\n");
}

TEST(FileSender, WaitsOnceWhileItsFileIsGoneAndThenGoesOn) {
  const LogFile log("?hold_ms=3600000");
  EXPECT_TRUE(log.send("a"));
  fs::remove_all(log.dir.file("d"));
  Batch batch = batch_of({"b", "c"});
  EXPECT_EQ(log.sender->send(batch), SendResult::kBusy);
  fs::create_directory(log.dir.file("d"));
  EXPECT_EQ(send_until_settled(*log.sender, batch), SendResult::kSent);
  expect_all_accounted_for(batch);
  EXPECT_EQ(content_of(log.path), "b\nc\n");
}

TEST(FileSender, StaysWithAMovedFileWhileItsPathCannotBeOpened) {
  const LogFile log;
  EXPECT_TRUE(log.send("a"));
  // Its directory was moved.
  fs::rename(log.dir.file("d"), log.dir.file("e"));
  reopen_files();
  EXPECT_TRUE(log.send("b"));
  EXPECT_EQ(content_of(log.dir.file("e/log")), "a\nb\n");
  // Its path is a directory.
  fs::create_directories(log.path);
  reopen_files();
  EXPECT_TRUE(log.send("c"));
  EXPECT_EQ(content_of(log.dir.file("e/log")), "a\nb\nc\n");
  fs::remove(log.path);
  reopen_files();
  EXPECT_TRUE(log.send("d"));
  EXPECT_EQ(content_of(log.dir.file("e/log")), "a\nb\nc\n");
  EXPECT_EQ(content_of(log.path), "d\n");
}

TEST(FileSender, FollowsASymbolicLink) {
  const LogFile log;
  fs::remove(log.path);
  fs::create_symlink("one", log.path);
  EXPECT_TRUE(log.send("1"));
  fs::remove(log.path);
  fs::create_symlink("two", log.path);
  reopen_files();
  EXPECT_TRUE(log.send("2"));
  EXPECT_EQ(content_of(log.dir.file("d/one")), "1\n");
  EXPECT_EQ(content_of(log.dir.file("d/two")), "2\n");
}

/// The effective user while it lives; root may write everywhere.
class User {
 public:
  explicit User(uid_t id) { EXPECT_EQ(::seteuid(id), 0); }
  ~User() { EXPECT_EQ(::seteuid(0), 0); }
  User(const User&) = delete;
  User& operator=(const User&) = delete;
};

TEST(FileSender, StaysWithAMovedFileWhileItMayNotMakeANewOne) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  constexpr uid_t kNobody = 65534;
  const LogFile log;
  ASSERT_EQ(::chown(log.dir.file("").c_str(), kNobody, kNobody), 0);
  fs::rename(log.path, log.path + ".1");
  reopen_files();
  {
    const User nobody(kNobody);
    EXPECT_TRUE(log.send("a"));
  }
  EXPECT_EQ(content_of(log.path + ".1"), "a\n");
  EXPECT_FALSE(fs::exists(log.path));
}

TEST(FileSender, OpensTheSamePathAfterTheProgramChangedItsDirectory) {
  const TempDir dir;
  const fs::path before = fs::current_path();
  fs::current_path(dir.file(""));
  auto sender = FileSender::open(*parse_url("file:log"));
  fs::current_path(before);
  ASSERT_TRUE(sender.ok()) << sender.status();
  fs::remove(dir.file("log"));
  Batch batch = batch_of({"a"});
  EXPECT_EQ((*sender)->send(batch), SendResult::kSent);
  expect_all_accounted_for(batch);
  EXPECT_EQ(content_of(dir.file("log")), "a\n");
}

TEST(FileSender, ReadsAPathWithoutANameAsTheOpenFile) {
  const int fd = ::memfd_create("log", MFD_CLOEXEC);
  ASSERT_GE(fd, 0);
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  auto sender = FileSender::open(*parse_url("file://" + path + "?hold_ms=0"));
  ASSERT_TRUE(sender.ok()) << sender.status();
  for (const char* message : {"a", "b"}) {
    Batch batch = batch_of({message});
    EXPECT_EQ((*sender)->send(batch), SendResult::kSent);
    expect_all_accounted_for(batch);
  }
  EXPECT_EQ(content_of(path), "a\nb\n");
  ::close(fd);
}

TEST(FileSender, ChangesFromAFileToAPipeAndBack) {
  const LogFile log;
  EXPECT_TRUE(log.send("a"));
  fs::remove(log.path);
  ASSERT_EQ(::mkfifo(log.path.c_str(), 0600), 0);
  EXPECT_FALSE(log.send("without a reader"));
  const UniqueFd reader(::open(log.path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  log.send_until_sent("b");
  char text[8] = {};
  EXPECT_EQ(::read(reader.get(), text, sizeof text), 2);
  EXPECT_STREQ(text, "b\n");
  fs::remove(log.path);
  EXPECT_TRUE(log.send("c"));
  EXPECT_EQ(content_of(log.path), "c\n");
}

}  // namespace
}  // namespace metlog
