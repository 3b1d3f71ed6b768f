// Forks of a process that logs: each process has its own stream and its own ledger.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "metlog/metlog.h"
#include "tests/process/in_child.h"
#include "tests/senders/frame_log.h"
#include "tests/senders/receiver.h"
#include "tests/support/sanitized.h"
#include "tests/support/thread_count.h"

namespace metlog {
namespace {

using std::chrono::seconds;

/// A place for the sessions of this process and its children, which leave theirs behind when they
/// end by _exit().
class SessionPlace : public testing::Environment {
 public:
  void SetUp() override {
    path_ = testing::TempDir() + "metlog_sessions_" + std::to_string(getpid());
    EngineOptions options;
    options.session_directory = path_;
    ASSERT_TRUE(Engine::configure(options).ok());
  }
  void TearDown() override { std::filesystem::remove_all(path_); }

 private:
  std::string path_;
};
const auto* const kSessionPlace = testing::AddGlobalTestEnvironment(new SessionPlace);

class Fork : public testing::Test {
 protected:
  void SetUp() override {
    // ThreadSanitizer knows no threads after a fork; AddressSanitizer's allocator of clang 14 may
    // be left locked by a thread that does not exist there.
    if (kSanitizer) GTEST_SKIP() << "sanitizers do not work in a forked child with threads";
    path_ = testing::TempDir() + "metlog_fork_" + std::to_string(getpid()) + ".jsonl";
    std::remove(path_.c_str());
  }
  void TearDown() override { std::remove(path_.c_str()); }

  Client open_file(const std::string& query = "") {
    ClientOptions options;
    options.when_full = WhenFull::kBlock;
    return open_or_exit("file:" + path_ + query, options);
  }

  /// Returns how often each string is a payload in the file.
  std::map<std::string, int> payloads() const {
    std::map<std::string, int> counts;
    std::ifstream file(path_);
    for (std::string line; std::getline(file, line);) {
      const std::size_t begin = line.find("\"payload\":\"") + 11;
      ++counts[line.substr(begin, line.find('"', begin) - begin)];
    }
    return counts;
  }

  std::string path_;
};

TEST_F(Fork, ParentAndChildWriteTheirOwnMessagesOnce) {
  Client log = open_file();
  METLOG_INFO(log, "before");
  const int code = in_child([&] {
    METLOG_INFO(log, "child one");
    METLOG_INFO(log, "child two");
    const Receipt receipt = log.close(seconds(5));
    return receipt.sent == 2 && receipt.lost == 0 && log.stats().unexplained() == 0 ? 0 : 1;
  });
  EXPECT_EQ(code, 0);
  METLOG_INFO(log, "after");
  const Receipt receipt = log.close(seconds(5));
  EXPECT_EQ(receipt.sent, 2u);
  EXPECT_EQ(log.stats().unexplained(), 0);
  const std::map<std::string, int> expected = {
      {"before", 1}, {"child one", 1}, {"child two", 1}, {"after", 1}};
  EXPECT_EQ(payloads(), expected);
}

TEST_F(Fork, ClientsOfOneFileShareAThreadInEachProcess) {
  std::vector<Client> logs;
  for (int i = 0; i < 10; ++i) logs.push_back(open_file());
  for (Client& log : logs) METLOG_INFO(log, "parent");
  EXPECT_EQ(settled_thread_count(3), 3U);
  EXPECT_EQ(in_child([&] {
              for (Client& log : logs) METLOG_INFO(log, "child");
              if (thread_count() != 3) return 1;
              for (Client& log : logs) {
                if (log.close(seconds(10)).sent != 1 || log.stats().unexplained() != 0) return 2;
              }
              return settled_thread_count(2) == 2 ? 0 : 3;
            }),
            0);
  for (Client& log : logs) EXPECT_EQ(log.close(seconds(10)).sent, 1U);
  EXPECT_EQ(payloads(), (std::map<std::string, int>{{"parent", 10}, {"child", 10}}));
}

TEST_F(Fork, AChildDoesNotEmptyTheFileAgain) {
  std::ofstream(path_) << "from an earlier run\n";
  Client log = open_file("?truncate=1");
  METLOG_INFO(log, "parent");
  EXPECT_TRUE(log.flush(seconds(10)));
  EXPECT_EQ(in_child([&] {
              METLOG_INFO(log, "child");
              return log.flush(seconds(10)) && log.stats().sent == 1 ? 0 : 1;
            }),
            0);
  EXPECT_EQ(payloads(), (std::map<std::string, int>{{"parent", 1}, {"child", 1}}));
}

TEST_F(Fork, AChildWritesTheSameFileAfterItChangedItsDirectory) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(testing::TempDir());
  path_ = std::filesystem::path(path_).filename().string();
  Client log = open_file();
  EXPECT_EQ(in_child([&] {
              std::filesystem::current_path("/");
              METLOG_INFO(log, "child");
              return log.flush(seconds(10)) && log.stats().sent == 1 ? 0 : 1;
            }),
            0);
  EXPECT_EQ(payloads(), (std::map<std::string, int>{{"child", 1}}));
  std::filesystem::current_path(before);
  path_ = testing::TempDir() + path_;
}

TEST_F(Fork, AChildThatDoesNotLogLeavesTheParentAlone) {
  Client log = open_file();
  METLOG_INFO(log, "before");
  const std::string session = Engine::instance().session_path();
  EXPECT_EQ(in_child([&] {
              log.close(seconds(5));
              return 7;
            }),
            7);
  // exit() runs the exit handlers, which must not remove the parent's files.
  const pid_t child = fork();
  if (child == 0) std::exit(0);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(access(session.c_str(), F_OK), 0) << session;
  METLOG_INFO(log, "after");
  EXPECT_EQ(log.close(seconds(5)).sent, 2u);
  EXPECT_EQ(log.stats().unexplained(), 0);
}

TEST_F(Fork, AChildHasASessionOfItsOwnOnTheWire) {
  const Receiver receiver;
  Client log = open_or_exit(receiver.url("?batch=1"), {});
  METLOG_INFO(log, "parent");
  EXPECT_TRUE(log.flush(seconds(5)));
  EXPECT_EQ(in_child([&] {
              METLOG_INFO(log, "child");
              return log.close(seconds(5)).sent == 1 ? 0 : 1;
            }),
            0);
  EXPECT_EQ(log.close(seconds(5)).sent, 1u);
  EXPECT_EQ(log.stats().unexplained(), 0);
  FrameLog parent;
  FrameLog child;
  const std::vector<std::string> datagrams = receiver.receive(2);
  ASSERT_EQ(datagrams.size(), 2u);
  ASSERT_TRUE(parent.add(datagrams[0]) && child.add(datagrams[1]));
  EXPECT_NE(parent.stream.session, child.stream.session);
  EXPECT_EQ(parent.missing + child.missing, 0u);  // each from 0
}

TEST_F(Fork, ThreadsThatMakeTheirFirstCallsAtOnceLoseNothing) {
  constexpr int kThreads = 4;
  Client log = open_file();
  for (int round = 0; round < 20; ++round) {
    EXPECT_EQ(in_child([&] {
                std::barrier ready(kThreads);
                std::vector<std::thread> threads;
                for (int i = 0; i < kThreads; ++i) {
                  threads.emplace_back([&] {
                    ready.arrive_and_wait();
                    METLOG_INFO(log, "child");
                  });
                }
                for (std::thread& thread : threads) thread.join();
                const Receipt receipt = log.close(seconds(5));
                return receipt.sent == kThreads && receipt.lost == 0 ? 0 : 1;
              }),
              0);
  }
}

TEST_F(Fork, ForksWhileAnotherThreadLogsLoseNothing) {
  constexpr int kForks = 40;
  Client log = open_file();
  std::atomic<bool> stop{false};
  int written = 0;
  std::thread beside([&] {
    while (!stop.load(std::memory_order_relaxed)) {  // relaxed: join() orders the rest
      METLOG_INFO(log, "beside");
      ++written;
    }
  });
  for (int i = 0; i < kForks; ++i) {
    METLOG_INFO(log, "parent");
    EXPECT_EQ(in_child([&] {
                METLOG_INFO(log, "child");
                return log.close(seconds(5)).sent == 1 ? 0 : 1;
              }),
              0);
  }
  stop.store(true, std::memory_order_relaxed);  // relaxed: as above
  beside.join();
  log.close(seconds(10));
  const Ledger ledger = log.stats();
  EXPECT_EQ(ledger.emitted, static_cast<std::uint64_t>(written + kForks));
  EXPECT_EQ(ledger.sent, ledger.emitted);
  EXPECT_EQ(ledger.unexplained(), 0);
  const std::map<std::string, int> expected = {
      {"beside", written}, {"child", kForks}, {"parent", kForks}};
  EXPECT_EQ(payloads(), expected);
}

/// Each of several threads logs, forks a child that logs, and so on. Every message names its
/// process and has a number there.
class ForkingThreads {
 public:
  ForkingThreads(Client& log, int forks) : log_(log), forks_(forks) {}

  void run() {
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) threads.emplace_back([this, i] { run_thread(i); });
    for (std::thread& thread : threads) thread.join();
  }
  [[nodiscard]] int failed() const { return failed_; }
  /// The payloads that must be in the file, once each.
  [[nodiscard]] std::set<std::string> expected() const {
    std::set<std::string> all;
    for (int thread = 0; thread < kThreads; ++thread) {
      for (int fork = 0; fork < forks_ / kThreads; ++fork) {
        for (int i = 0; i < kMessages; ++i) {
          all.insert(text("parent", thread, fork, i));
          all.insert(text("child", thread, fork, i));
        }
      }
    }
    return all;
  }

 private:
  static constexpr int kThreads = 4;
  static constexpr int kMessages = 20;

  static std::string text(const char* who, int thread, int fork, int i) {
    return std::string(who) + " " + std::to_string(thread) + " " + std::to_string(fork) + " " +
           std::to_string(i);
  }
  void log(const char* who, int thread, int fork) {
    for (int i = 0; i < kMessages; ++i) METLOG_INFO(log_, "{} {} {} {}", who, thread, fork, i);
  }
  void run_thread(int thread) {
    for (int fork = 0; fork < forks_ / kThreads; ++fork) {
      std::thread beside([&] { log("parent", thread, fork); });
      const int code = in_child([&] {
        alarm(60);  // a hang
        log("child", thread, fork);
        const Receipt receipt = log_.close(seconds(20));
        return receipt.sent == kMessages && receipt.lost == 0 ? 0 : 1;
      });
      beside.join();
      if (code != 0) ++failed_;
    }
  }

  Client& log_;
  const int forks_;
  std::atomic<int> failed_{0};
};

// The long form: METLOG_FORKS=1000 build/bin/process_test --gtest_filter='*UnderLoad*'
TEST_F(Fork, ForksUnderLoadFromFourThreadsCrossNothing) {
  const char* const asked = std::getenv("METLOG_FORKS");
  Client log = open_file();
  ForkingThreads threads(log, asked != nullptr ? std::atoi(asked) : 48);
  threads.run();
  EXPECT_EQ(threads.failed(), 0);
  log.close(seconds(20));
  const Ledger ledger = log.stats();
  EXPECT_EQ(ledger.emitted, threads.expected().size() / 2) << "the parent's";
  EXPECT_EQ(ledger.sent, ledger.emitted);
  EXPECT_EQ(ledger.unexplained(), 0);
  const std::map<std::string, int> found = payloads();
  EXPECT_EQ(found.size(), threads.expected().size());
  for (const std::string& text : threads.expected()) {
    const auto at = found.find(text);
    ASSERT_TRUE(at != found.end()) << text;
    EXPECT_EQ(at->second, 1) << text;
  }
}

}  // namespace
}  // namespace metlog
