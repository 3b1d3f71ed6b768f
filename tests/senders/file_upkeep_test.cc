#include "senders/file/file_upkeep.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "senders/file/file_lock.h"
#include "senders/file/file_sender.h"
#include "senders/file/gzip.h"
#include "tests/senders/rotated_lines.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;

/// What gzip(1) finds in a file.
std::string unpacked(const std::string& path) {
  std::FILE* const pipe = ::popen(("gzip -dc '" + path + "'").c_str(), "r");
  std::string text;
  std::array<char, 4096> block{};
  for (std::size_t size = 0; (size = std::fread(block.data(), 1, block.size(), pipe)) != 0;) {
    text.append(block.data(), size);
  }
  EXPECT_EQ(::pclose(pipe), 0) << path;
  return text;
}

/// A text that gzip makes a third of.
std::string text_of(unsigned seed, std::size_t bytes) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < bytes) text += std::to_string(random()) + "\n";
  return text;
}

class FileUpkeepTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!Gzip::check().ok()) GTEST_SKIP() << Gzip::check();
  }
  void tend(const FileRotation& rotation) const {
    FileUpkeep upkeep(rotation);
    upkeep.ask(directory(), "log");
    upkeep.wait();
  }
  [[nodiscard]] UniqueFd directory() const {
    return UniqueFd(::open(dir_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(dir_.path())) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }
  void age(const std::string& name, std::chrono::hours age) const {
    const timespec times[] = {{0, 0}, {std::time(nullptr) - age / std::chrono::seconds(1), 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, dir_.file(name).c_str(), times, 0), 0);
  }
  [[nodiscard]] std::string file(const std::string& name) const { return dir_.file(name); }

  const TempDir dir_;
};

TEST_F(FileUpkeepTest, CompressesAllButTheNewest) {
  for (const char* name : {"log", "log.1", "log.2", "log.3", "log.9", "other.2", "log.2024"}) {
    write_content(file(name), text_of(1, 200'000));
  }
  ASSERT_EQ(::chmod(file("log.2").c_str(), 0640), 0);
  age("log.2", std::chrono::hours(5));
  const auto time = fs::last_write_time(file("log.2"));
  tend({.max_bytes = 1, .keep = 5, .compresses = true});
  EXPECT_THAT(names(), testing::UnorderedElementsAre("log", "log.1", "log.2.gz", "log.3.gz",
                                                     "log.9", "other.2", "log.2024"));
  EXPECT_EQ(unpacked(file("log.2.gz")), text_of(1, 200'000));
  EXPECT_LT(fs::file_size(file("log.2.gz")), 120'000U);
  EXPECT_EQ(fs::last_write_time(file("log.2.gz")), time);
  EXPECT_EQ(fs::status(file("log.2.gz")).permissions(), fs::perms(0640));
}

TEST_F(FileUpkeepTest, RemovesWhatIsTooOld) {
  for (const char* name : {"log", "log.1", "log.2.gz", "log.3.gz", "log.4", "log.50"}) {
    write_content(file(name), "x\n");
    age(name, std::chrono::hours(std::string_view(name) == "log.2.gz" ? 1 : 48));
  }
  tend({.max_bytes = 1, .keep = 5, .keep_for = std::chrono::hours(24)});
  EXPECT_THAT(names(), testing::UnorderedElementsAre("log", "log.2.gz", "log.50"));
}

TEST_F(FileUpkeepTest, ShiftsCompressedFilesWithTheOthers) {
  for (const char* name : {"log", "log.1", "log.2.gz", "log.3"}) write_content(file(name), name);
  const UniqueFd open = directory();
  RotatedFiles files(open.get(), "log", 4);
  EXPECT_EQ(files.shift(), 0);
  EXPECT_THAT(names(), testing::UnorderedElementsAre("log.1", "log.2", "log.3.gz", "log.4"));
  write_content(file("log"), "new");
  EXPECT_EQ(files.shift(), 0);
  EXPECT_THAT(names(), testing::UnorderedElementsAre("log.1", "log.2", "log.3", "log.4.gz"));
  EXPECT_EQ(content_of(file("log.4.gz")), "log.2.gz");
  EXPECT_EQ(content_of(file("log.1")), "new");
}

TEST_F(FileUpkeepTest, KeepsTheOriginalOfOneWhoDiedBetweenTheTwoSteps) {
  write_content(file("log.2"), "original\n");
  write_content(file("log.2.gz"), "of the dead");
  write_content(file("log.gz.tmp"), "of the dead");
  tend({.max_bytes = 1, .compresses = true});
  EXPECT_THAT(names(), testing::UnorderedElementsAre("log.2.gz"));
  EXPECT_EQ(unpacked(file("log.2.gz")), "original\n");
}

TEST_F(FileUpkeepTest, LeavesWhatAnotherProcessIsAt) {
  write_content(file("log.2"), "original\n");
  const UniqueFd other(::open(file("log.gz.tmp").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  {
    const FileLock lock(other.get(), 1);
    ASSERT_TRUE(lock.is_held());
    tend({.max_bytes = 1, .compresses = true});
  }
  EXPECT_THAT(names(), testing::UnorderedElementsAre("log.2", "log.gz.tmp"));
}

TEST_F(FileUpkeepTest, ReplacesNoFileThatHasGrown) {
  write_content(file("log.2"), "original\n");
  write_content(file("packed"), "packed");
  const UniqueFd open = directory();
  RotatedFiles files(open.get(), "log", 4);
  const UniqueFd original = files.open(2);
  EXPECT_FALSE(files.replace(original.get(), "packed", 8));
  fs::rename(file("log.2"), file("log.3"));
  EXPECT_TRUE(files.replace(original.get(), "packed", 9));
  EXPECT_THAT(names(), testing::UnorderedElementsAre("log.3.gz"));
}

TEST_F(FileUpkeepTest, LosesNothingOfWhatIsKilledAtAnyMoment) {
  std::mt19937 random(7);
  int half_done = 0;
  for (int round = 0; round < 10; ++round) {
    std::vector<std::string> texts;
    for (int number = 2; number <= 4; ++number) {
      texts.push_back(text_of(static_cast<unsigned>(round * 10 + number), 60'000));
      write_content(file("log." + std::to_string(number)), texts.back());
    }
    const pid_t child = ::fork();
    if (child == 0) {
      tend({.max_bytes = 1, .compresses = true});
      ::_exit(0);
    }
    ::usleep(static_cast<useconds_t>(random() % 60'000));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (fs::exists(file("log.gz.tmp"))) ++half_done;
    tend({.max_bytes = 1, .compresses = true});
    EXPECT_THAT(names(), testing::UnorderedElementsAre("log.2.gz", "log.3.gz", "log.4.gz"));
    for (int number = 2; number <= 4; ++number) {
      const std::string name = file("log." + std::to_string(number) + ".gz");
      EXPECT_EQ(unpacked(name), texts[static_cast<std::size_t>(number - 2)]);
      fs::remove(name);
    }
  }
  RecordProperty("half_done", half_done);
}

// While a file is rotated under load, and by its reader's account: nothing is lost or twice there.
TEST_F(FileUpkeepTest, CompressesWhatASenderRotates) {
  const auto messages = numbered_messages(3000, 99);
  {
    auto sender = *FileSender::open(*parse_url(
        "file://" + file("log") + "?rotate_size=16K&rotate_keep=1000&rotate_compress=gzip"));
    for (std::size_t i = 0; i < messages.size(); i += 20) {
      Batch batch = batch_of({messages.begin() + static_cast<std::ptrdiff_t>(i),
                              messages.begin() + static_cast<std::ptrdiff_t>(i + 20)});
      EXPECT_EQ(send_until_settled(*sender, batch), SendResult::kSent);
      expect_all_accounted_for(batch);
    }
  }
  tend({.max_bytes = 1, .keep = 1000, .compresses = true});  // what the end interrupted
  std::string expected;
  for (const std::string& message : messages) expected += message + "\n";
  std::string text;
  int number = 2;
  for (; fs::exists(file("log." + std::to_string(number) + ".gz")); ++number) {
    text = unpacked(file("log." + std::to_string(number) + ".gz")) + text;
  }
  EXPECT_GT(number, 15) << "void: too few rotations";
  EXPECT_EQ(text + content_of(file("log.1")) + content_of(file("log")), expected);
}

}  // namespace
}  // namespace metlog
