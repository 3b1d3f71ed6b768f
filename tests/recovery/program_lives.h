#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "senders/file/appended_file.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/messages.h"

namespace metlog {

/// How a program is run. `way` is that of dying_program.
struct Life {
  std::string way;
  std::string prefix = {};
  int count = 200;
  std::string url = {};      // empty for the log file
  std::string program = {};  // another name for it
  std::string recover = {};  // METLOG_RECOVER
  std::size_t ring_bytes = 256 * 1024;
};

/// A directory of sessions, and programs that live and die in it.
class ProgramLives : public testing::Test {
 protected:
  [[nodiscard]] pid_t start(const Life& life) const {
    const std::string url = life.url.empty() ? "file:" + log() : life.url;
    const std::string program = life.program.empty() ? METLOG_DYING_PROGRAM : life.program;
    const std::string count = std::to_string(life.count);
    const std::string ring_bytes = std::to_string(life.ring_bytes);
    const pid_t child = ::fork();
    if (child != 0) return child;
    ::setenv("METLOG_RECOVER", life.recover.c_str(), 1);
    if (std::freopen(errors().c_str(), "a", stderr) == nullptr) ::_exit(9);
    if (std::freopen(output().c_str(), "a", stdout) == nullptr) ::_exit(9);
    ::execl(program.c_str(), program.c_str(), life.way.c_str(), url.c_str(),
            sessions_.path().c_str(), count.c_str(), life.prefix.c_str(), ring_bytes.c_str(),
            nullptr);
    ::_exit(9);
  }
  static void wait_for(pid_t child) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) == 9) << "the program did not start";
    ASSERT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) == 8) << "sessions stayed";
  }
  void run(const Life& life) const { wait_for(start(life)); }

  /// The program, by another name.
  [[nodiscard]] std::string named(const std::string& name) const {
    const std::filesystem::path path = files_.path() / name;
    if (!std::filesystem::exists(path)) std::filesystem::create_symlink(METLOG_DYING_PROGRAM, path);
    return path.string();
  }
  [[nodiscard]] std::vector<std::string> sessions() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(sessions_.path())) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }
  [[nodiscard]] std::string log() const { return files_.file("log.jsonl"); }
  [[nodiscard]] std::string errors() const { return files_.file("stderr"); }
  [[nodiscard]] std::string output() const { return files_.file("stdout"); }

  const TempDir sessions_{"/dev/shm"};
  const TempDir files_;
};

/// What is in a file of messages.
struct Delivered {
  std::map<std::string, std::vector<int>> lines;  // by prefix, in the order of the file
  int deaths = 0;
  std::uint64_t purged = 0;  // as metlog.loss says
};

inline Delivered delivered_in(const std::string& file) {
  Delivered delivered;
  std::istringstream stream(content_of(file));
  for (std::string line; std::getline(stream, line) && !stream.eof();) {  // whole lines
    if (line.ends_with(kCutMark)) continue;  // a death in a write; its message follows
    expect_is_envelope(line);
    if (line.find("\"metlog.death\"") != std::string::npos) {
      ++delivered.deaths;
    } else if (is_loss(line)) {
      EXPECT_EQ(loss_reason(line), "purged");
      delivered.purged += loss_count(line);
    } else {
      const std::string payload = payload_of(line);
      const std::size_t at = payload.find("line ");
      delivered.lines[payload.substr(0, at)].push_back(std::stoi(payload.substr(at + 5)));
    }
  }
  return delivered;
}

/// All lines once, in their order.
inline void expect_whole(const std::vector<int>& lines, int count) {
  ASSERT_THAT(lines, testing::SizeIs(count));
  EXPECT_TRUE(std::is_sorted(lines.begin(), lines.end()));
  EXPECT_EQ(std::adjacent_find(lines.begin(), lines.end()), lines.end());
}

}  // namespace metlog
