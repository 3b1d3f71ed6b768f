// Processes for which the system starts no more threads: every call that needs one says so, and
// works once there are threads again.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>

#include "metlog/internal/base/start_thread.h"
#include "metlog/metlog.h"
#include "tests/senders/captured_stderr.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/child_process.h"
#include "tests/support/sanitized.h"
#include "tests/support/thread_limit.h"

namespace metlog {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

bool says_no_thread(const absl::Status& status) {
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  for (const char* part : {"cannot start a thread (", "): Resource temporarily unavailable; ",
                           "ulimit -u", "try again"}) {
    EXPECT_NE(status.message().find(part), absl::string_view::npos) << status << "\n" << part;
  }
  return !testing::Test::HasFailure();
}

/// Each test runs in a process of its own, which has no thread yet.
class ThreadLimits : public testing::Test {
 protected:
  void SetUp() override {
    if (kSanitizer) GTEST_SKIP() << "sanitizers do not work in a forked child with threads";
    ::chmod(dir_.file("").c_str(), 0777);
    EngineOptions options;
    options.session_directory = "none";
    ASSERT_TRUE(Engine::configure(options).ok());
  }

  /// Runs the body in a child that obeys the limit of threads.
  static void in_limited_child(const std::function<void()>& body) {
    in_child([&] {
      ThreadLimit::obey();
      ThreadLimit::grant(1);
      body();
    });
  }

  /// Returns how many lines of the file contain the text.
  [[nodiscard]] std::uint64_t lines_with(const std::string& text,
                                         const std::string& name = "log") const {
    std::uint64_t count = 0;
    std::ifstream file(dir_.file(name));
    for (std::string line; std::getline(file, line);) {
      count += line.find(text) != std::string::npos ? 1 : 0;
    }
    return count;
  }
  [[nodiscard]] std::string url(const std::string& name = "log") const {
    return "file:" + dir_.file(name);
  }
  static void log_some(const Client& log, int count) {
    for (int i = 0; i < count; ++i) METLOG_INFO(log, "message");
  }
  static void expect_all_sent(Client& log, std::uint64_t count) {
    const Receipt receipt = log.close(seconds(10));
    EXPECT_EQ(receipt.sent, count);
    EXPECT_EQ(receipt.lost, 0U);
    EXPECT_EQ(log.stats().emitted, count);
    EXPECT_EQ(log.stats().unexplained(), 0);
  }

  TempDir dir_;
};

TEST_F(ThreadLimits, OpenSaysSoLeavesTheFileAloneAndWorksLater) {
  in_limited_child([&] {
    write_content(dir_.file("log"), "from an earlier run\n");
    for (int i = 0; i < 3; ++i) says_no_thread(open(url() + "?truncate=1").status());
    EXPECT_EQ(content_of(dir_.file("log")), "from an earlier run\n");
    ThreadLimit::lift();
    absl::StatusOr<Client> log = open(url());
    ASSERT_TRUE(log.ok()) << log.status();
    log_some(*log, 100);
    expect_all_sent(*log, 100);
    EXPECT_EQ(lines_with("\"message\""), 100U);
  });
}

TEST_F(ThreadLimits, ASenderOfTheProgramAndAConfigurationHearItToo) {
  in_limited_child([&] {
    std::ostringstream out;
    says_no_thread(open(make_stream_sender(out)).status());
    says_no_thread(client_from_json_config(R"({"sender": {"url": "null:"}})").status());
    ThreadLimit::lift();
    absl::StatusOr<Client> log = open(make_stream_sender(out));
    ASSERT_TRUE(log.ok()) << log.status();
    log_some(*log, 3);
    expect_all_sent(*log, 3);
  });
}

TEST_F(ThreadLimits, EveryNumberOfThreadsIsEnoughOrAnError) {
  if (!ThreadLimit::is_exact()) GTEST_SKIP() << "other processes of the user count, too";
  const struct {
    std::string url;
    std::size_t pool_size;
    rlim_t needed;  // the main thread and the flusher's included
  } cases[] = {{url("one"), 1, 3},
               {url("four"), 4, 6},
               {"udp://127.0.0.1:5", 1, 3},
               {"tcp://127.0.0.1:5?hold_ms=0", 1, 5},
               {"ipc:///tmp/metlog-nobody-listens?hold_ms=0", 2, 6}};
  for (const auto& each : cases) {
    SCOPED_TRACE(each.url);
    in_limited_child([&] {
      ClientOptions options;
      options.pool_size = each.pool_size;
      for (rlim_t granted = 1; granted < each.needed; ++granted) {
        SCOPED_TRACE(granted);
        ThreadLimit::grant(granted);
        says_no_thread(open(each.url, options).status());
      }
      ThreadLimit::grant(each.needed);
      absl::StatusOr<Client> log = open(each.url, options);
      ASSERT_TRUE(log.ok()) << log.status();
      log_some(*log, 10);
      log->close(seconds(10));
      EXPECT_EQ(log->stats().emitted, 10U);
      EXPECT_EQ(log->stats().unexplained(), 0);
    });
  }
}

TEST_F(ThreadLimits, GetClientClosesNoOtherClientAndWorksLater) {
  in_limited_child([&] {
    ThreadLimit::lift();
    Client& unnamed = get_client("name");
    // Away from the destination of a client without one, whose thread the next would share.
    ASSERT_TRUE(reconfigure(unnamed, url()).ok());
    Holder::instance().set_client("name", open_or_exit("null:", {}));
    ThreadLimit::grant(1);
    const CapturedStderr said;
    METLOG_INFO(get_client("other"), "message");
    EXPECT_NE(said.text().find("no client 'other': cannot start a thread"), std::string::npos);
    METLOG_INFO(unnamed, "message");
    EXPECT_EQ(unnamed.stats().emitted, 1U);
    ThreadLimit::lift();
    Client& other = get_client("other");
    METLOG_INFO(other, "message");
    other.close(seconds(10));
    EXPECT_EQ(other.stats().emitted, 1U);
    EXPECT_EQ(other.stats().unexplained(), 0);
  });
}

TEST_F(ThreadLimits, ReconfigureLeavesTheClientAsItWas) {
  in_limited_child([&] {
    ThreadLimit::lift();
    absl::StatusOr<Client> log = open(url());
    ASSERT_TRUE(log.ok()) << log.status();
    log_some(*log, 5);
    ThreadLimit::grant(1);
    says_no_thread(reconfigure(*log, url("other")));
    says_no_thread(reconfigure(*log, "tcp://127.0.0.1:5"));
    says_no_thread(open(url("other")).status());
    log_some(*log, 5);
    EXPECT_TRUE(log->flush(seconds(10)));
    EXPECT_EQ(lines_with("\"message\""), 10U);
    ThreadLimit::lift();
    EXPECT_TRUE(reconfigure(*log, url("other")).ok());
    log_some(*log, 5);
    expect_all_sent(*log, 15);
    EXPECT_EQ(lines_with("\"message\"", "other"), 5U);
  });
}

/// The child of a process that has a client; no thread can be started in it.
class ThreadlessChild : public ThreadLimits {
 protected:
  void run(const std::function<void(Client&)>& body) {
    in_child([&] {
      ClientOptions options;
      options.when_full = WhenFull::kBlock;
      Client log = open_or_exit(url(), options);
      log_some(log, 2);
      EXPECT_TRUE(log.flush(seconds(10)));
      EXPECT_EQ(::chmod(dir_.file("log").c_str(), 0666), 0);
      in_limited_child([&] { body(log); });
      expect_all_sent(log, 2);
    });
  }

  static void expect_forked(const Client& log, std::uint64_t count) {
    const Ledger ledger = log.stats();
    EXPECT_EQ(ledger.emitted, count);
    EXPECT_EQ(ledger.lost[LossReason::kForked], count);
    EXPECT_EQ(ledger.lost.total(), count);
    EXPECT_EQ(ledger.unexplained(), 0);
  }
};

TEST_F(ThreadlessChild, CountsWhatIsLostAtOnceAndSaysItOnce) {
  run([&](Client& log) {
    const CapturedStderr said;
    log_some(log, 1000);
    expect_forked(log, 1000);
    const std::string text = said.text();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    for (const char* part :
         {"after fork()", "forked", "cannot start a thread", "Resource temporarily unavailable"}) {
      EXPECT_NE(text.find(part), std::string::npos) << text;
    }
  });
}

TEST_F(ThreadlessChild, WorksFromTheNextOpenOnAndReportsTheLossInTheStream) {
  run([&](Client& log) {
    log_some(log, 5);
    says_no_thread(open("null:").status());
    ThreadLimit::lift();
    EXPECT_TRUE(open("null:").ok());
    log_some(log, 3);
    EXPECT_TRUE(log.flush(seconds(10)));
    const Receipt receipt = log.close(seconds(10));
    EXPECT_EQ(receipt.sent, 3U);
    EXPECT_EQ(receipt.lost, 5U);
    EXPECT_EQ(log.stats().emitted, 8U);
    EXPECT_EQ(log.stats().unexplained(), 0);
    EXPECT_EQ(lines_with("lost 5 messages: forked"), 1U);
    EXPECT_EQ(lines_with("\"message\""), 2U + 3U);
  });
}

TEST_F(ThreadlessChild, WorksFromACallOnOnceThereAreThreads) {
  run([&](Client& log) {
    log_some(log, 5);
    ThreadLimit::lift();
    // Tried once a second.
    const auto limit = steady_clock::now() + seconds(30);
    while (log.stats().sent == 0 && steady_clock::now() < limit) log_some(log, 1);
    log.close(seconds(10));
    const Ledger ledger = log.stats();
    EXPECT_GT(ledger.sent, 0U);
    EXPECT_GE(ledger.lost[LossReason::kForked], 5U);
    EXPECT_EQ(ledger.emitted, ledger.sent + ledger.lost[LossReason::kForked]);
    EXPECT_EQ(lines_with("\"message\""), 2 + ledger.sent);
    EXPECT_EQ(lines_with("lost " + std::to_string(ledger.lost[LossReason::kForked]) +
                         " messages: forked"),
              1U);
  });
}

TEST_F(ThreadlessChild, FlushesAndClosesWithoutWaitingAndReportsTheLoss) {
  run([&](Client& log) {
    const auto begin = steady_clock::now();
    log_some(log, 5);
    EXPECT_TRUE(log.flush(seconds(20)));
    const Receipt receipt = log.close(seconds(20));
    EXPECT_LT(steady_clock::now() - begin, seconds(10));
    EXPECT_EQ(receipt.lost, 5U);
    expect_forked(log, 5);
    EXPECT_EQ(lines_with("lost 5 messages: forked"), 1U);
  });
}

TEST_F(ThreadlessChild, ExitsAndReportsTheLoss) {
  run([&](Client& log) {
    log_some(log, 5);
    std::exit(0);
  });
  EXPECT_EQ(lines_with("lost 5 messages: forked"), 1U);
}

TEST(StartThread, LeavesNoThreadCountedAfterItsCheck) {
  if (kSanitizer || !ThreadLimit::is_exact()) GTEST_SKIP() << "needs an exact limit";
  const pid_t child = ::fork();
  if (child == 0) {
    ThreadLimit::obey();
    ThreadLimit::grant(3);
    bool all = true;
    for (int i = 0; i < 200; ++i) all = all && check_can_start_threads(2, "two").ok();
    all = all && !check_can_start_threads(3, "three").ok();
    ::_exit(all ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace metlog
