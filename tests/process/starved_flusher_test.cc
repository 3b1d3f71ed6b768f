// A flusher that gets little of the only core: what it cannot take is lost, counted, and said in
// the stream. How much that is depends on the machine and is not judged.

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "metlog/internal/base/thread_place.h"
#include "metlog/metlog.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/child_process.h"
#include "tests/support/sanitized.h"

namespace metlog {
namespace {

using std::chrono::seconds;

constexpr int kLoggingThreads = 2;
constexpr int kCallsOfThread = 300'000;

/// Moves the calling thread, and what it starts, to the first CPU that it may use.
void go_to_one_core() {
  cpu_set_t set;
  sched_getaffinity(0, sizeof set, &set);
  int cpu = 0;
  while (!CPU_ISSET(cpu, &set)) ++cpu;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  ASSERT_EQ(sched_setaffinity(0, sizeof set, &set), 0);
}

/// Threads and processes that compute for as long as this lives.
class BusyNeighbours {
 public:
  BusyNeighbours(int processes, int threads) {
    for (int i = 0; i < processes; ++i) {
      const pid_t child = fork();
      if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (volatile unsigned x = 0;;) x = x + 1;
      }
      processes_.push_back(child);
    }
    for (int i = 0; i < threads; ++i) {
      // relaxed: a switch
      threads_.emplace_back([this] {
        while (!stopped_.load(std::memory_order_relaxed)) {
        }
      });
    }
  }
  ~BusyNeighbours() {
    stopped_.store(true, std::memory_order_relaxed);  // relaxed: a switch
    for (std::thread& thread : threads_) thread.join();
    for (const pid_t process : processes_) {
      kill(process, SIGKILL);
      waitpid(process, nullptr, 0);
    }
  }
  BusyNeighbours(const BusyNeighbours&) = delete;
  BusyNeighbours& operator=(const BusyNeighbours&) = delete;

 private:
  std::atomic<bool> stopped_{false};
  std::vector<pid_t> processes_;
  std::vector<std::thread> threads_;
};

/// The number after `name` in a line; 0 when it is not there.
std::uint64_t number_in(const std::string& line, const std::string& name) {
  const std::size_t at = line.find(name);
  return at == std::string::npos ? 0 : std::strtoull(line.c_str() + at + name.size(), nullptr, 10);
}

/// What a reader of the file makes of it.
struct ReadStream {
  std::uint64_t messages = 0;
  std::uint64_t lost = 0;   // the sum of all reports
  std::uint64_t total = 0;  // of the last report
  bool in_order = true;     // of each thread

  explicit ReadStream(const std::string& path) {
    std::vector<std::uint64_t> next(kLoggingThreads, 0);
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("{\"type\":\"metlog.loss\"")) {
        lost += number_in(line, "\"count\":");
        total = number_in(line, "\"total\":");
        continue;
      }
      ++messages;
      std::uint64_t& due = next.at(number_in(line, "thread "));
      const std::uint64_t number = number_in(line, "number ");
      in_order = in_order && number >= due;
      due = number + 1;
    }
  }
};

class StarvedFlusher : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    if (kSanitizer) GTEST_SKIP() << "sanitizers do not work in a forked child with threads";
    if (!ThreadPlace{"", GetParam(), {}}.check().ok()) GTEST_SKIP() << "needs CAP_SYS_NICE";
  }
  TempDir dir_;
};

TEST_P(StarvedFlusher, LosesNothingThatIsNotCountedAndSaid) {
  in_child([&] {
    go_to_one_core();
    EngineOptions options;
    options.ring_bytes = 4096;  // so that much is lost
    options.thread_nice = GetParam();
    options.session_directory = "none";
    ASSERT_TRUE(Engine::configure(options).ok());
    Client log = open_or_exit("file:" + dir_.file("log"));
    {
      const BusyNeighbours neighbours(2, 2);
      std::vector<std::thread> threads;
      for (int thread = 0; thread < kLoggingThreads; ++thread) {
        threads.emplace_back([&log, thread] {
          for (int i = 0; i < kCallsOfThread; ++i)
            METLOG_INFO(log, "thread {} number {}", thread, i);
        });
      }
      for (std::thread& thread : threads) thread.join();
    }
    const Receipt receipt = log.close(seconds(60));
    const Ledger ledger = log.stats();
    EXPECT_EQ(ledger.emitted, std::uint64_t{kLoggingThreads} * kCallsOfThread);
    EXPECT_EQ(ledger.unexplained(), 0);
    EXPECT_EQ(ledger.emitted, receipt.sent + receipt.lost);
    EXPECT_GT(receipt.lost, 0U) << "the test starves nobody";
    const ReadStream read(dir_.file("log"));
    EXPECT_EQ(read.messages, receipt.sent);
    EXPECT_EQ(read.lost, receipt.lost);
    EXPECT_EQ(read.total, receipt.lost);
    EXPECT_TRUE(read.in_order);
  });
}

INSTANTIATE_TEST_SUITE_P(NiceValues, StarvedFlusher, testing::Values(0, 10, -10),
                         [](const auto& nice) {
                           return nice.param < 0 ? "minus" + std::to_string(-nice.param)
                                                 : std::to_string(nice.param);
                         });

}  // namespace
}  // namespace metlog
