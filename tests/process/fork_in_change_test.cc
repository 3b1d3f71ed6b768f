// Forks while another thread changes a client's destinations.

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>

#include "metlog/metlog.h"
#include "tests/process/in_child.h"
#include "tests/support/sanitized.h"

namespace metlog {
namespace {

using std::chrono::seconds;

// The fork finds the client between any two steps of a change of its destinations. The file is
// among them before and after.
TEST(ForkInAChange, LeavesTheChildAClientThatCloses) {
  if (kSanitizer) GTEST_SKIP() << "sanitizers do not work in a forked child with threads";
  constexpr int kForks = 40;
  const std::string file = "file:" + testing::TempDir() + "metlog_fork_in_a_change_" +
                           std::to_string(getpid()) + ".jsonl";
  ClientOptions options;
  options.when_full = WhenFull::kBlock;
  Client log = open_or_exit(file, options);
  std::atomic<bool> stop{false};
  std::atomic<int> moves{0};
  std::thread mover([&] {
    while (!stop.load(std::memory_order_relaxed)) {  // relaxed: join() orders the rest
      EXPECT_TRUE(reconfigure(log, {file, "null:", "null:"}, options).ok());
      EXPECT_TRUE(reconfigure(log, {file}, options).ok());
      moves.fetch_add(2, std::memory_order_relaxed);  // relaxed: a counter
    }
  });
  for (int i = 0; i < kForks; ++i) {
    // relaxed: a counter
    for (const int before = moves.load(std::memory_order_relaxed);
         i % 8 == 0 && moves.load(std::memory_order_relaxed) == before;) {
      std::this_thread::yield();
    }
    EXPECT_EQ(in_child([&] {
                alarm(60);  // a hang
                METLOG_INFO(log, "child");
                const Receipt receipt = log.close(seconds(20));
                const Ledger ledger = log.stats();
                // What the change was adding or removing may lose the line, and says so.
                const bool is_right = ledger.unexplained() == 0 && receipt.sent >= 1 &&
                                      ledger.emitted == receipt.sent + receipt.lost;
                if (is_right) return 0;
                ADD_FAILURE() << "emitted " << ledger.emitted << " sent " << receipt.sent
                              << " lost " << receipt.lost << " filtered " << ledger.filtered
                              << " pending " << ledger.pending;
                return 1;
              }),
              0);
  }
  stop.store(true, std::memory_order_relaxed);  // relaxed: as above
  mover.join();
  METLOG_INFO(log, "parent");
  EXPECT_EQ(log.close(seconds(10)).lost, 0U);
  EXPECT_EQ(log.stats().unexplained(), 0);
  std::ifstream lines(file.substr(5));
  int of_children = 0;
  for (std::string line; std::getline(lines, line);) {
    of_children += line.find("\"child\"") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(of_children, kForks);
  std::remove(file.c_str() + 5);
}

}  // namespace
}  // namespace metlog
