// Forked children in which the sender of their parent cannot be made again: after setuid(),
// chroot(), a limit of descriptors, without the directory. Everything is lost as forked, at once,
// until the sender can be made.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "metlog/engine.h"
#include "metlog/make_sender.h"
#include "metlog/metlog.h"
#include "tests/senders/captured_stderr.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/child_process.h"
#include "tests/support/sanitized.h"

namespace metlog {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

class StandIn : public testing::Test {
 protected:
  void SetUp() override {
    if (kSanitizer) GTEST_SKIP() << "sanitizers do not work in a forked child with threads";
    EngineOptions options;
    options.session_directory = "none";
    ASSERT_TRUE(Engine::configure(options).ok());
    ::chmod(dir_.file("").c_str(), 0755);
    std::filesystem::create_directory(dir_.file("logs"));
  }
  void TearDown() override { ::chmod(dir_.file("logs").c_str(), 0755); }

  /// Opens a client, forks, takes the destination away by `lose` in the child, and lets `body` use
  /// the client there. Both in a process of their own.
  void after_fork(const std::function<void()>& lose, const std::function<void(Client&)>& body,
                  std::size_t pool_size = 1) {
    in_child([&] {
      ClientOptions options;
      options.when_full = WhenFull::kBlock;
      options.pool_size = pool_size;
      Client log = open_or_exit("file:" + dir_.file("logs/log"), options);
      log_some(log, 2);
      EXPECT_TRUE(log.flush(seconds(10)));
      ::chmod(dir_.file("logs/log").c_str(), 0666);
      in_child([&] {
        lose();
        body(log);
      });
    });
  }

  static void log_some(const Client& log, int count) {
    for (int i = 0; i < count; ++i) METLOG_INFO(log, "message");
  }

  /// More messages than a ring holds are lost at once, and the books balance meanwhile.
  static void expect_lost_at_once(Client& log) {
    const CapturedStderr said;
    log_some(log, 20'000);
    EXPECT_TRUE(log.flush(seconds(30)));
    const Ledger ledger = log.stats();
    EXPECT_EQ(ledger.emitted, 20'000U);
    EXPECT_EQ(ledger.lost[LossReason::kForked], 20'000U);
    EXPECT_EQ(ledger.lost.total(), 20'000U);
    EXPECT_EQ(ledger.unexplained(), 0);
    const std::string text = said.text();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    EXPECT_NE(text.find("after fork() the client '' has no destination"), std::string::npos)
        << text;
  }

  /// The real sender is made within a second or two; it reports the loss.
  void expect_sent_again(Client& log, const std::string& path) {
    const auto limit = steady_clock::now() + seconds(30);
    while (log.stats().sent == 0 && steady_clock::now() < limit) {
      log_some(log, 1);
      EXPECT_TRUE(log.flush(seconds(10)));
    }
    const Receipt receipt = log.close(seconds(10));
    const Ledger ledger = log.stats();
    EXPECT_GT(receipt.sent, 0U);
    EXPECT_EQ(ledger.emitted, ledger.sent + ledger.lost[LossReason::kForked]);
    EXPECT_EQ(ledger.unexplained(), 0);
    EXPECT_EQ(reported(path), ledger.lost[LossReason::kForked]);
  }
  /// Returns the sum of the forked losses that the file reports.
  static std::uint64_t reported(const std::string& path) {
    std::uint64_t sum = 0;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      const std::size_t at = line.find("\"lost ");
      if (at == std::string::npos || line.find(": forked") == std::string::npos) continue;
      sum += std::stoull(line.substr(at + 6));
    }
    return sum;
  }

  TempDir dir_;
};

void become_nobody() {
  if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) ::_exit(99);
}

TEST_F(StandIn, LosesAllAfterSetuidUntilTheDirectoryMayBeEntered) {
  int may_enter[2];
  int entered[2];
  ASSERT_EQ(::pipe(may_enter), 0);
  ASSERT_EQ(::pipe(entered), 0);
  const pid_t owner = ::fork();
  if (owner == 0) {
    char byte = 0;
    if (::read(may_enter[0], &byte, 1) != 1) ::_exit(1);
    ::chmod(dir_.file("logs").c_str(), 0777);
    ::_exit(::write(entered[1], &byte, 1) == 1 ? 0 : 1);
  }
  after_fork(
      [&] {
        ::chmod(dir_.file("logs").c_str(), 0);
        become_nobody();
      },
      [&](Client& log) {
        expect_lost_at_once(log);
        char byte = 0;
        EXPECT_EQ(::write(may_enter[1], &byte, 1), 1);
        EXPECT_EQ(::read(entered[0], &byte, 1), 1);
        expect_sent_again(log, dir_.file("logs/log"));
      });
  int status = 0;
  ::waitpid(owner, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(StandIn, LosesAllAfterChrootUntilThereIsAFile) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root calls chroot()";
  std::filesystem::create_directory(dir_.file("root"));
  after_fork(
      [&] {
        EXPECT_EQ(::chroot(dir_.file("root").c_str()), 0);
        EXPECT_EQ(::chdir("/"), 0);
      },
      [&](Client& log) {
        expect_lost_at_once(log);
        std::filesystem::create_directories(dir_.file("logs"));
        expect_sent_again(log, dir_.file("logs/log"));
      });
}

TEST_F(StandIn, LosesAllWithoutTheDirectoryInAPoolToo) {
  for (const std::size_t pool_size : {std::size_t{1}, std::size_t{3}}) {
    after_fork([&] { std::filesystem::rename(dir_.file("logs"), dir_.file("away")); },
               [&](Client& log) {
                 expect_lost_at_once(log);
                 std::filesystem::rename(dir_.file("away"), dir_.file("logs"));
                 expect_sent_again(log, dir_.file("logs/log"));
               },
               pool_size);
    std::filesystem::remove(dir_.file("logs/log"));
  }
}

TEST_F(StandIn, LosesAllWithoutADescriptorLeft) {
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  after_fork(
      [&] {
        const rlimit none{3, before.rlim_max};
        EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
      },
      [&](Client& log) {
        METLOG_INFO(log, "message");
        EXPECT_TRUE(log.flush(seconds(10)));
        EXPECT_EQ(log.stats().lost[LossReason::kForked], 1U);
        EXPECT_EQ(log.stats().unexplained(), 0);
        ::setrlimit(RLIMIT_NOFILE, &before);
        expect_sent_again(log, dir_.file("logs/log"));
      });
}

TEST_F(StandIn, LosesAllOfASenderThatTheProgramMadeUntilReconfigured) {
  in_child([&] {
    std::ostringstream out;
    ClientOptions options;
    options.when_full = WhenFull::kBlock;
    absl::StatusOr<Client> log = open(make_stream_sender(out), options);
    ASSERT_TRUE(log.ok()) << log.status();
    in_child([&] {
      expect_lost_at_once(*log);
      EXPECT_TRUE(reconfigure(*log, "file:" + dir_.file("new")).ok());
      expect_sent_again(*log, dir_.file("new"));
    });
  });
}

TEST_F(StandIn, SaysAtCloseHowManyAreLost) {
  after_fork([&] { std::filesystem::remove_all(dir_.file("logs")); },
             [&](Client& log) {
               log_some(log, 7);
               const auto begin = steady_clock::now();
               EXPECT_EQ(log.close(seconds(20)).lost, 7U);
               EXPECT_LT(steady_clock::now() - begin, seconds(10));
               EXPECT_EQ(log.stats().lost[LossReason::kForked], 7U);
               EXPECT_EQ(log.stats().unexplained(), 0);
             });
}

TEST_F(StandIn, LosesAllOfAFactoryThatThrowsInTheChild) {
  in_child([&] {
    const pid_t parent = ::getpid();
    bool may_connect = false;
    const SenderFactory connect = [&] {
      if (::getpid() != parent && !may_connect) throw std::runtime_error("not in a child");
      return make_sender("file:" + dir_.file("new"));
    };
    ClientOptions options;
    options.when_full = WhenFull::kBlock;
    absl::StatusOr<Client> log = Engine::instance().open(connect, options);
    ASSERT_TRUE(log.ok()) << log.status();
    in_child([&] {
      expect_lost_at_once(*log);
      may_connect = true;
      expect_sent_again(*log, dir_.file("new"));
    });
  });
}

/// Does not return from send() in the process that made it.
class StuckSender final : public Sender {
 public:
  explicit StuckSender(std::atomic<bool>& is_inside) : is_inside_(is_inside) {}
  SendResult send(Batch&) override {
    is_inside_ = true;
    is_inside_.notify_all();
    while (true) ::pause();
  }
  bool flush(std::chrono::nanoseconds) override { return false; }
  [[nodiscard]] std::string_view url() const override { return "stuck:"; }

 private:
  std::atomic<bool>& is_inside_;
};

TEST_F(StandIn, OpensNoClientAgainThatWasClosedWhileItsSenderWasStuck) {
  in_child([&] {
    int made = 0;
    std::atomic<bool> is_inside{false};
    const SenderFactory connect = [&]() -> absl::StatusOr<std::unique_ptr<Sender>> {
      ++made;
      return std::make_unique<StuckSender>(is_inside);
    };
    absl::StatusOr<Client> stuck = Engine::instance().open(connect);
    ASSERT_TRUE(stuck.ok()) << stuck.status();
    METLOG_INFO(*stuck, "message");
    is_inside.wait(false);
    EXPECT_EQ(stuck->close(std::chrono::milliseconds(1)).lost, 1U);
    Client other = open_or_exit("file:" + dir_.file("other"));
    in_child([&] {
      METLOG_INFO(other, "message");
      EXPECT_EQ(other.close(seconds(20)).sent, 1U);
      EXPECT_EQ(made, 1);
    });
  });
}

}  // namespace
}  // namespace metlog
