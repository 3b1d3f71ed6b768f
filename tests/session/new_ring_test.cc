// The memory of rings in their first lap: docs/ring.md, "Memory".
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <latch>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/support/sanitized.h"
#include "tests/support/small_file_system.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;
using testing::SizeIs;

// Whatever is left when the file system is full, on threads with new rings, for records of one cell
// and of many: no signal, and every message arrives.
TEST(NewRing, LosesNothingWhereTheFileSystemBecomesFullInItsFirstLap) {
  for (const int kilobytes : {64, 96, 128, 256, 400, 600, 4'000}) {
    const std::string size = "size=" + std::to_string(kilobytes) + "k,mode=0700";
    const fs::path path = fs::temp_directory_path() / ("metlog-small-" + std::to_string(getpid()));
    const SmallFileSystem small(path, size.c_str());
    if (!small.is_mounted()) GTEST_SKIP() << "mounting a tmpfs needs root";
    TestEngineOptions options;
    options.engine.session_directory = small.path().string();
    TestEngine test(std::move(options));
    const std::string text(400, 'x');
    for (const bool is_long : {false, true}) {
      std::vector<std::thread> threads;
      for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] {
          for (int number = 0; number < (is_long ? 400 : 3'500); ++number) {
            METLOG_INFO(test.log(), "{} {}", number, std::string_view(is_long ? text : ""));
          }
        });
      }
      for (std::thread& thread : threads) thread.join();
      test.settle();
    }
    EXPECT_THAT(test.settle(), SizeIs(3 * (3'500 + 400))) << kilobytes;
    EXPECT_EQ(test.client().stats().lost.total(), 0U) << kilobytes;
    EXPECT_EQ(test.engine().anonymous_rings() == 0, kilobytes == 4'000) << kilobytes;
  }
}

// Neither in the file system nor for the process: then the ring is like a full one.
TEST(NewRing, CountsWhatIsLostWhileThereIsNoMemoryAtAll) {
  if (kSanitizer) GTEST_SKIP() << "a sanitizer needs memory, too";
  const fs::path path = fs::temp_directory_path() / ("metlog-none-" + std::to_string(getpid()));
  const SmallFileSystem small(path, "size=2m,mode=0700");
  if (!small.is_mounted()) GTEST_SKIP() << "mounting a tmpfs needs root";
  if (madvise(nullptr, 0, 23) != 0) GTEST_SKIP() << "before Linux 5.14 rings have all their memory";
  TestEngineOptions options;
  options.engine.session_directory = small.path().string();
  TestEngine test(std::move(options));
  const auto log_many = [&test](int count) {
    for (int i = 0; i < count; ++i) METLOG_INFO(test.log(), "{}", i);
  };
  std::thread([&] {
    log_many(1);
    const fs::path fill = small.path() / "fill";
    const int fd = ::open(fill.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const auto free = static_cast<off_t>(fs::space(small.path()).available);
    EXPECT_EQ(posix_fallocate(fd, 0, free), 0);
    close(fd);
    rlimit before{};
    getrlimit(RLIMIT_DATA, &before);
    const rlimit none{4096, before.rlim_max};
    setrlimit(RLIMIT_DATA, &none);
    log_many(1'000);
    setrlimit(RLIMIT_DATA, &before);
    fs::remove(fill);
    log_many(100);
  }).join();
  test.settle();
  const Ledger ledger = test.client().stats();
  EXPECT_EQ(ledger.emitted, 1'101U);
  EXPECT_EQ(ledger.unexplained(), 0);
  EXPECT_GT(ledger.lost[LossReason::kRingFull], 500U);
  EXPECT_LT(ledger.lost[LossReason::kRingFull], 1'000U);
  EXPECT_EQ(ledger.lost.total(), ledger.lost[LossReason::kRingFull]);
  EXPECT_EQ(ledger.sent, 1'101U - ledger.lost.total());
  EXPECT_EQ(test.engine().anonymous_rings(), 0U);
}

std::uint64_t allocated_by_rings(const fs::path& session) {
  std::uint64_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(session)) {
    struct stat status {};
    if (entry.path().extension() != ".ring" || stat(entry.path().c_str(), &status) != 0) continue;
    bytes += static_cast<std::uint64_t>(status.st_blocks) * 512;
  }
  return bytes;
}

std::uint64_t resident_shared_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssShmem:")) return 1024 * std::stoull(line.substr(9));
  }
  return 0;
}

TEST(NewRing, KeepsLittleForAThreadThatLogsOnce) {
  if (madvise(nullptr, 0, 23) != 0) GTEST_SKIP() << "before Linux 5.14 rings have all their memory";
  struct statfs status {};
  if (statfs("/dev/shm", &status) != 0 || status.f_type != 0x01021994) {
    GTEST_SKIP() << "/dev/shm is not a tmpfs";
  }
  constexpr int kThreads = 200;
  TestEngineOptions options;
  options.engine.session_directory = "";
  TestEngine test(std::move(options));
  const fs::path session = test.engine().session_path();
  const std::uint64_t allocated_before = allocated_by_rings(session);
  const std::uint64_t resident_before = resident_shared_bytes();
  std::latch logged(kThreads);
  std::latch measured(1);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      METLOG_INFO(test.log(), "once");
      logged.count_down();
      measured.wait();
    });
  }
  logged.wait();
  EXPECT_THAT(test.settle(), SizeIs(kThreads));
  EXPECT_LE(allocated_by_rings(session) - allocated_before, kThreads * 20'000U);
  EXPECT_LE(resident_shared_bytes() - resident_before, kThreads * 20'000U);
  measured.count_down();
  for (std::thread& thread : threads) thread.join();
}

TEST(NewRing, LosesNothingOfABurst) {
  TestEngineOptions options;
  options.engine.session_directory = "";
  options.threads = Engine::Threads::kOwn;
  TestEngine test(std::move(options));
  std::latch all_logged(1);
  std::vector<std::thread> threads;
  for (int i = 0; i < 30; ++i) {
    std::latch logged(1);
    threads.emplace_back([&] {
      for (int number = 0; number < 3'500; ++number) METLOG_INFO(test.log(), "{}", number);
      logged.count_down();
      all_logged.wait();  // or the next thread would take this one's ring over
    });
    logged.wait();
  }
  all_logged.count_down();
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(test.client().flush(std::chrono::seconds(30)));
  EXPECT_EQ(test.client().stats().lost.total(), 0U);
  EXPECT_THAT(test.capture().messages(), SizeIs(30 * 3'500));
}

}  // namespace
}  // namespace metlog
