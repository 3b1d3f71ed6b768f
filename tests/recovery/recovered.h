#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "metlog/internal/recovery/recovery.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/messages.h"

namespace metlog {

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// A directory of sessions, the file that a dying program logs to, and its counters.
class Recovered : public testing::Test {
 protected:
  [[nodiscard]] pid_t start(const std::string& way, const std::string& last,
                            const std::string& url = {}) const {
    const pid_t child = ::fork();
    if (child != 0) return child;
    const std::string to = url.empty() ? "file:" + log() : url;
    if (std::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(9);
    ::execl(METLOG_DYING_PROGRAM, METLOG_DYING_PROGRAM, way.c_str(), to.c_str(),
            sessions_.path().c_str(), last.c_str(), nullptr);
    ::_exit(9);
  }
  static int wait_for(pid_t child) {
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) == 9) << "the program did not start";
    return status;
  }
  void run(const std::string& way, int count, const std::string& url = {}) const {
    wait_for(start(way, std::to_string(count), url));
  }

  [[nodiscard]] std::unique_ptr<Recovery> open(const std::string& to = {}) const {
    Recovery::Options options;
    options.to = to;
    absl::StatusOr<std::unique_ptr<Recovery>> recovery =
        Recovery::open(sessions_.path().string(), options);
    EXPECT_TRUE(recovery.ok()) << recovery.status();
    return *std::move(recovery);
  }
  [[nodiscard]] RecoveryReport recover(const std::string& to = {}) const {
    const std::vector<RecoveryReport> reports = open(to)->recover_all();
    EXPECT_THAT(reports, testing::SizeIs(1));
    return reports.empty() ? RecoveryReport{} : reports.front();
  }
  [[nodiscard]] bool is_clean() const { return std::filesystem::is_empty(sessions_.path()); }
  [[nodiscard]] std::filesystem::path session() const {
    return *std::filesystem::directory_iterator(sessions_.path());
  }

  [[nodiscard]] std::string log() const { return files_.file("log.jsonl"); }
  [[nodiscard]] std::vector<std::string> lines() const { return lines_of(content_of(log())); }
  /// The payloads of calls, in the order of the file.
  [[nodiscard]] std::vector<std::string> payloads() const {
    std::vector<std::string> found;
    for (const std::string& line : lines()) {
      expect_is_envelope(line);
      if (line.find("\"metlog.death\"") == std::string::npos) found.push_back(payload_of(line));
    }
    return found;
  }
  void expect_all_lines(int count) const {
    const std::vector<std::string> found = payloads();
    ASSERT_THAT(found, testing::SizeIs(count));
    for (int i = 0; i < count; ++i) {
      ASSERT_EQ(found[static_cast<std::size_t>(i)], "line " + std::to_string(i));
    }
  }

  const TempDir sessions_{"/dev/shm"};
  const TempDir files_;
};

}  // namespace metlog
