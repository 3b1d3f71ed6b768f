// A file sender that rotates its file.

#include "senders/file/file_rotation.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "senders/file/file_sender.h"
#include "senders/file/followed_file.h"
#include "tests/senders/rotated_lines.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

std::unique_ptr<Sender> open_file(const std::string& path, const std::string& options) {
  auto sender = FileSender::open(*parse_url("file://" + path + options));
  EXPECT_TRUE(sender.ok()) << sender.status();
  return *std::move(sender);
}

void send_all(Sender& sender, const std::vector<std::string>& messages) {
  Batch batch = batch_of(messages);
  EXPECT_EQ(send_until_settled(sender, batch), SendResult::kSent);
  expect_all_accounted_for(batch);
}

/// The time zone while it lives: Berlin's, without the system's data base.
class Berlin {
 public:
  Berlin() {
    ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    ::tzset();
  }
  ~Berlin() {
    ::unsetenv("TZ");
    ::tzset();
  }
  Berlin(const Berlin&) = delete;
  Berlin& operator=(const Berlin&) = delete;
};

std::int64_t utc(int year, int month, int day, int hour, int minute) {
  std::tm parts{};
  parts.tm_year = year - 1900;
  parts.tm_mon = month - 1;
  parts.tm_mday = day;
  parts.tm_hour = hour;
  parts.tm_min = minute;
  return ::timegm(&parts);
}

TEST(FileRotation, HasPeriodsThatBeginAtMultiplesOfItsInterval) {
  const FileRotation rotation{.interval = hours(1)};
  const FileRotation::Period period = rotation.period_at(utc(2026, 5, 4, 10, 59));
  EXPECT_EQ(period.begin, utc(2026, 5, 4, 10, 0));
  EXPECT_EQ(period.end, utc(2026, 5, 4, 11, 0));
  EXPECT_EQ(FileRotation{}.period_at(0).end, INT64_MAX);
}

TEST(FileRotation, HasADayFromALocalTimeToTheSameOnTheNextDay) {
  const Berlin zone;
  const FileRotation rotation{.daily_at = minutes(180)};
  const FileRotation::Period before = rotation.period_at(utc(2026, 5, 4, 0, 59));
  EXPECT_EQ(before.begin, utc(2026, 5, 3, 1, 0));
  EXPECT_EQ(before.end, utc(2026, 5, 4, 1, 0));
  const FileRotation::Period after = rotation.period_at(utc(2026, 5, 4, 1, 0));
  EXPECT_EQ(after.begin, utc(2026, 5, 4, 1, 0));
  EXPECT_EQ(after.end, utc(2026, 5, 5, 1, 0));
}

TEST(FileRotation, RotatesOnceOnDaysOnWhichClocksAreChanged) {
  const Berlin zone;
  const FileRotation rotation{.daily_at = minutes(150)};  // 02:30, which one day has twice, one not
  for (const auto& [month, day] : {std::pair(3, 29), std::pair(10, 25)}) {
    std::vector<std::int64_t> ends;
    const std::int64_t last = utc(2026, month, day, 0, 0) + 2 * 86'400;
    for (std::int64_t time = utc(2026, month, day, 0, 0) - 86'400; time < last; time += 60) {
      const FileRotation::Period period = rotation.period_at(time);
      ASSERT_LE(period.begin, time);
      ASSERT_GT(period.end, time);
      if (ends.empty() || ends.back() != period.end) ends.push_back(period.end);
    }
    if (month == 3) {  // there is no 02:30: half an hour after 02:00 it is 03:30
      EXPECT_THAT(ends, ElementsAre(utc(2026, 3, 28, 1, 30), utc(2026, 3, 29, 1, 30),
                                    utc(2026, 3, 30, 0, 30), utc(2026, 3, 31, 0, 30)));
    } else {  // it is 02:30 in summer time first
      EXPECT_THAT(ends, ElementsAre(utc(2026, 10, 24, 0, 30), utc(2026, 10, 25, 0, 30),
                                    utc(2026, 10, 26, 1, 30), utc(2026, 10, 27, 1, 30)));
    }
  }
}

TEST(FileRotation, HasTheSamePeriodsWhereClocksAreNeverChanged) {
  ::setenv("TZ", "UTC0", 1);
  ::tzset();
  const FileRotation::Period period =
      FileRotation{.daily_at = minutes(0)}.period_at(utc(2026, 5, 4, 12, 0));
  EXPECT_EQ(period.begin, utc(2026, 5, 4, 0, 0));
  EXPECT_EQ(period.end, utc(2026, 5, 5, 0, 0));
  ::unsetenv("TZ");
  ::tzset();
}

TEST(FileSender, RotatesBeforeItsFileBecomesTooLong) {
  const TempDir dir;
  const auto sender = open_file(dir.file("log"), "?rotate_size=4K&rotate_keep=3");
  const auto messages = numbered_messages(200, 99);
  for (std::size_t i = 0; i < messages.size(); i += 10) {
    send_all(*sender, {messages.begin() + static_cast<std::ptrdiff_t>(i),
                       messages.begin() + static_cast<std::ptrdiff_t>(i + 10)});
  }
  for (const char* name : {"log.1", "log.2", "log.3"}) {
    EXPECT_EQ(fs::file_size(dir.file(name)), 4000U) << name;
  }
  EXPECT_FALSE(fs::exists(dir.file("log.4")));
  EXPECT_EQ(rotated_lines(dir.file("log"), 3),
            std::vector<std::string>(messages.begin() + 40, messages.end()));
  send_all(*sender, {std::string(9000, 'x')});  // has a file to itself
  EXPECT_EQ(content_of(dir.file("log")), std::string(9000, 'x') + "\n");
}

TEST(FileSender, BeginsEachFileWithItsHeader) {
  const TempDir dir;
  const auto sender = open_file(dir.file("log"), "?rotate_size=4K&header=%23 time,value");
  EXPECT_EQ(content_of(dir.file("log")), "");
  for (int i = 0; i < 90; ++i) send_all(*sender, {std::string(99, 'x')});
  for (const char* name : {"log", "log.1", "log.2"}) {
    const std::string content = content_of(dir.file(name));
    EXPECT_TRUE(content.starts_with("# time,value\nx")) << name;
    EXPECT_EQ(content.find('#', 1), std::string::npos) << name;
    EXPECT_LE(content.size(), 4096U) << name;
  }
  const auto other = open_file(dir.file("log"), "?header=%23 time,value");
  const std::string before = content_of(dir.file("log"));
  send_all(*other, {"last"});
  EXPECT_EQ(content_of(dir.file("log")), before + "last\n");
}

TEST(FileSender, RotatesTheFileToWhichALinkLeads) {
  const TempDir dir;
  fs::create_directory(dir.file("data"));
  fs::create_symlink("data/app", dir.file("log"));
  const auto sender = open_file(dir.file("log"), "?rotate_size=4K");
  for (int i = 0; i < 9; ++i) send_all(*sender, {std::string(999, 'x')});
  EXPECT_TRUE(fs::is_symlink(dir.file("log")));
  EXPECT_EQ(fs::file_size(dir.file("data/app.1")), 4000U);
  EXPECT_EQ(fs::file_size(dir.file("data/app.2")), 4000U);
  EXPECT_EQ(fs::file_size(dir.file("data/app")), 1000U);
}

TEST(FileSender, GoesOnWithItsFileWhereItMayNotRenameIt) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  const TempDir dir;
  const auto sender = open_file(dir.file("log"), "?rotate_size=4K&hold_ms=0");
  send_all(*sender, {std::string(3000, 'a')});
  ASSERT_EQ(::seteuid(65534), 0);
  for (const char letter : {'b', 'c', 'd'}) send_all(*sender, {std::string(3000, letter)});
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_EQ(fs::file_size(dir.file("log")), 4U * 3001);
  EXPECT_FALSE(fs::exists(dir.file("log.1")));
}

TEST(FileSender, MakesFilesAndDirectoriesAsItIsTold) {
  const TempDir dir;
  const mode_t umask = ::umask(022);
  const auto sender = open_file(dir.file("a/b/log"), "?mode=664&create_directories=1&hold_ms=0");
  ::umask(umask);
  struct stat status {};
  ASSERT_EQ(::stat(dir.file("a/b/log").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0644U);
  ASSERT_EQ(::stat(dir.file("a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0750U);
  fs::remove_all(dir.file("a"));
  send_all(*sender, {"again"});
  EXPECT_EQ(content_of(dir.file("a/b/log")), "again\n");
}

TEST(FileSender, TellsARecoveryHowItsFileIsWritten) {
  const TempDir dir;
  const auto sender =
      open_file(dir.file("log"),
                "?truncate=1&hold_ms=0&rotate_size=1M&rotate_keep=3&header=a%26b%25&mode=600");
  EXPECT_EQ(sender->lasting_url(),
            "file://" + dir.file("log") + "?header=a%26b%25&mode=600&rotate_keep=3&rotate_size=1M");
}

TEST(FileSender, SaysWhatIsWrongWithItsRotation) {
  const auto error = [](const std::string& options) {
    return std::string(FileSender::check(*parse_url("file:x?" + options)).message());
  };
  EXPECT_THAT(error("rotate_size=100"), HasSubstr("rotate_size='100' in 'file:x?rotate_size=100' "
                                                  "is not in 4KiB to 1024TiB, such as 100M"));
  EXPECT_THAT(error("rotate_size=big"), HasSubstr("is no number of bytes"));
  EXPECT_THAT(error("rotate_every=60"), HasSubstr("is no duration; it takes 1s to 366d"));
  for (const char* time : {"3:00", "24:00", "03:60", "0300", "03-00", "-1:00", ""}) {
    EXPECT_THAT(error(std::string("rotate_at=") + time), HasSubstr("write it as 03:00")) << time;
  }
  EXPECT_THAT(error("rotate_at=03:00&rotate_every=1h"), HasSubstr("keep one"));
  EXPECT_THAT(error("rotate_keep=3"), HasSubstr("needs rotate_size, rotate_every or rotate_at"));
  EXPECT_THAT(error("rotate_size=1M&rotate_keep=0"), HasSubstr("is not in 1..1000"));
  for (const char* mode : {"9", "64", "0x1", "7777", "10640", ""}) {
    EXPECT_THAT(error(std::string("mode=") + mode), HasSubstr("three octal digits")) << mode;
  }
  EXPECT_EQ(error("mode=0640&rotate_at=23:59&rotate_size=4096"), "");
  EXPECT_THAT(error("header=a%0Ab"), HasSubstr("is more than a line"));
  EXPECT_THAT(error("hold_bytes=1M&hold_ms=5"), HasSubstr("keep one"));
  EXPECT_THAT(error("hold_bytes=1"), HasSubstr("is not in 4KiB to 1024TiB"));
}

/// A file whose clock a test sets.
class ClockedFile {
 public:
  ClockedFile(const FileRotation& rotation, std::int64_t begin)
      : utc_seconds(begin),
        file_(FilePlace{.path = path(),
                        .open =
                            [this] {
                              return UniqueFd(::open(
                                  path().c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640));
                            },
                        .open_directory =
                            [this] {
                              return FilePlace::Directory{
                                  UniqueFd(::open(dir_.path().c_str(), O_RDONLY | O_CLOEXEC)),
                                  "log"};
                            },
                        .rotation = rotation,
                        .header = {},
                        .utc_seconds = [this] { return utc_seconds; }},
              UniqueFd()) {}
  void write(const std::string& message) {
    Batch batch = batch_of({message});
    EXPECT_EQ(file_.write(batch, std::chrono::steady_clock::now()), FollowedFile::Result::kWritten);
  }
  /// What is in NAME and NAME.1 and so on.
  [[nodiscard]] std::vector<std::string> contents() const {
    std::vector<std::string> all = {content_of(path())};
    for (int i = 1; fs::exists(path() + "." + std::to_string(i)); ++i) {
      all.push_back(content_of(path() + "." + std::to_string(i)));
    }
    return all;
  }
  /// As if it had been written when the clock showed this.
  void age() const {
    const timespec times[] = {{utc_seconds, 0}, {utc_seconds, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path().c_str(), times, 0), 0);
  }
  [[nodiscard]] std::string path() const { return dir_.file("log"); }

  std::int64_t utc_seconds;

 private:
  const TempDir dir_;
  FollowedFile file_;
};

TEST(FollowedFile, RotatesOnceADayAtALocalTime) {
  const Berlin zone;
  ClockedFile file({.keep = 2, .daily_at = minutes(180)}, utc(2026, 5, 4, 0, 30));
  file.write("3rd");
  file.utc_seconds = utc(2026, 5, 4, 0, 59);
  file.write("3rd, too");
  file.utc_seconds = utc(2026, 5, 4, 1, 0);
  file.write("4th");
  file.utc_seconds = utc(2026, 5, 4, 23, 0);
  file.write("4th, too");
  file.utc_seconds = utc(2026, 5, 3, 23, 0);  // the clock is set back
  file.write("still");
  EXPECT_THAT(file.contents(), ElementsAre("4th\n4th, too\nstill\n", "3rd\n3rd, too\n"));
  file.utc_seconds = utc(2026, 5, 9, 12, 0);
  file.write("9th");
  file.utc_seconds += 86'400;
  file.write("10th");
  EXPECT_THAT(file.contents(), ElementsAre("10th\n", "9th\n", "4th\n4th, too\nstill\n"));
}

TEST(FollowedFile, RotatesBySizeAndTime) {
  ClockedFile file({.max_bytes = 10, .interval = seconds(60), .keep = 9}, 6000);
  file.write("aaaa");
  file.write("bbbb");
  file.write("cccc");
  file.utc_seconds = 6060;
  file.write("dddd");
  EXPECT_THAT(file.contents(), ElementsAre("dddd\n", "cccc\n", "aaaa\nbbbb\n"));
}

// Every line once, in the order of its writer, none torn, whoever rotates.
TEST(FileSender, SharesItsRotatedFileWithEightThreads) {
  constexpr int kWriters = 8;
  constexpr int kMessages = 2000;
  const TempDir dir;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      const auto sender = open_file(dir.file("log"), "?rotate_size=16K&rotate_keep=1000");
      for (int i = 0; i < kMessages;) {
        std::vector<std::string> some;
        for (int end = i + 1 + i % 13; i < end && i < kMessages; ++i) {
          some.push_back(std::to_string(writer) + ":" + std::to_string(i) +
                         std::string(static_cast<std::size_t>(i % 50), ' ') + "|");
        }
        send_all(*sender, some);
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  std::map<int, int> next;
  for (const std::string& line : rotated_lines(dir.file("log"), 1000)) {
    ASSERT_EQ(line.back(), '|') << line;
    const int writer = std::stoi(line);
    EXPECT_EQ(std::stoi(line.substr(2)), next[writer]++) << "of writer " << writer;
  }
  for (int writer = 0; writer < kWriters; ++writer) EXPECT_EQ(next[writer], kMessages);
  for (const auto& entry : fs::directory_iterator(dir.path())) {
    EXPECT_LE(entry.file_size(), 16'384U) << entry.path();
  }
  EXPECT_TRUE(fs::exists(dir.file("log.10"))) << "void: too few rotations";
}

}  // namespace
}  // namespace metlog
