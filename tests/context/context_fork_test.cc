// A forked child keeps the context of the thread that forked, although its ring is new.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>

#include "metlog/context.h"
#include "metlog/metlog.h"

namespace metlog {
namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitizer = true;
#elif defined(__has_feature)
constexpr bool kSanitizer = __has_feature(thread_sanitizer) || __has_feature(address_sanitizer);
#else
constexpr bool kSanitizer = false;
#endif

/// Payload to fields, of all messages in the file.
std::map<std::string, std::string> fields_by_text(const std::string& path) {
  std::map<std::string, std::string> all;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t text = line.find("\"payload\":\"") + 11;
    const std::size_t fields = line.find("\"fields\":") + 9;
    all[line.substr(text, line.find('"', text) - text)] =
        line.substr(fields, line.size() - fields - 1);
  }
  return all;
}

int wait_for(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

TEST(ContextAcrossAFork, IsTheForkingThreads) {
  // As in tests/process/fork_test.cc.
  if (kSanitizer) GTEST_SKIP() << "sanitizers do not work in a forked child with threads";
  const std::string path =
      testing::TempDir() + "metlog_context_fork_" + std::to_string(getpid()) + ".jsonl";
  Client log = open_or_exit("file:" + path, {.when_full = WhenFull::kBlock});
  const ScopedContext scope({{"request_id", 4711}});
  METLOG_INFO(log, "before");
  {
    const ScopedContext pending({{"parent", true}});
    const pid_t child = fork();
    if (child == 0) {
      METLOG_INFO(log, "child");
      const ScopedContext own({{"child", true}});
      METLOG_INFO(log, "child in a scope of its own");
      const Receipt receipt = log.close(std::chrono::seconds(5));
      _exit(receipt.sent == 2 && log.stats().unexplained() == 0 ? 0 : 1);
    }
    EXPECT_EQ(wait_for(child), 0);
    METLOG_INFO(log, "parent");
  }
  METLOG_INFO(log, "after");
  EXPECT_EQ(log.close(std::chrono::seconds(5)).sent, 3U);
  EXPECT_EQ(log.stats().unexplained(), 0);
  const std::string both = R"({"request_id":4711,"parent":true})";
  const std::map<std::string, std::string> expected = {
      {"before", R"({"request_id":4711})"},
      {"child", both},
      {"child in a scope of its own", R"({"request_id":4711,"parent":true,"child":true})"},
      {"parent", both},
      {"after", R"({"request_id":4711})"}};
  EXPECT_EQ(fields_by_text(path), expected);
  std::remove(path.c_str());
}

}  // namespace
}  // namespace metlog
