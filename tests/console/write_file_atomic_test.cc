#include "tools/console/write_file_atomic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace metlog {
namespace {

using testing::HasSubstr;

class WholeFileTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(directory_); }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string read() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] std::ptrdiff_t file_count() const {
    return std::distance(std::filesystem::directory_iterator(directory_), {});
  }

  const std::string directory_ = testing::TempDir() + "whole_file_test." + std::to_string(getpid());
  const std::string path_ = directory_ + "/ready";
};

TEST_F(WholeFileTest, ReplacesTheFileAndLeavesNothingBesideIt) {
  ASSERT_TRUE(write_file_atomic(path_, "a longer first text\n").ok());
  ASSERT_TRUE(write_file_atomic(path_, "second\n").ok());
  EXPECT_EQ(read(), "second\n");
  EXPECT_EQ(file_count(), 1);
}

TEST_F(WholeFileTest, ReplacesNothingElse) {
  const std::string neighbour = path_ + "." + std::to_string(getpid()) + ".0";
  std::ofstream(neighbour) << "not ours";
  std::ofstream(directory_ + "/target") << "old";
  std::filesystem::create_symlink(directory_ + "/target", path_);
  std::filesystem::create_symlink("/dev/null", directory_ + "/null");
  EXPECT_TRUE(check_file_writable(path_).ok());
  ASSERT_TRUE(write_file_atomic(path_, "new\n").ok());
  EXPECT_TRUE(std::filesystem::is_symlink(path_));
  EXPECT_EQ(read(), "new\n");
  ASSERT_TRUE(write_file_atomic(directory_ + "/null", "x").ok());
  EXPECT_TRUE(std::filesystem::is_character_file(directory_ + "/null"));
  EXPECT_FALSE(write_file_atomic(directory_, "x").ok());
  std::string left;
  std::ifstream(neighbour) >> left;
  EXPECT_EQ(left, "not");
  EXPECT_EQ(file_count(), 4) << "no temporary file is left";
}

TEST_F(WholeFileTest, ChecksWithoutLeavingAFile) {
  EXPECT_TRUE(check_file_writable(path_).ok());
  EXPECT_EQ(file_count(), 0);
}

TEST_F(WholeFileTest, NamesAPathThatCannotBeWritten) {
  const std::string path = directory_ + "/absent/ready";
  for (const absl::Status& status : {check_file_writable(path), write_file_atomic(path, "x")}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(status.message()), HasSubstr(path));
  }
}

}  // namespace
}  // namespace metlog
