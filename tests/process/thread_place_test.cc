// Where the engine's threads run, and as what: by what the system says of the process's threads.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <thread>

#include "metlog/internal/base/own_thread.h"
#include "metlog/metlog.h"
#include "tests/process/calling_allocator.h"
#include "tests/senders/captured_stderr.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/child_process.h"
#include "tests/support/sanitized.h"

namespace metlog {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

/// What /proc says of a thread.
struct SeenThread {
  int nice = 0;
  std::string cpus;
  bool operator==(const SeenThread&) const = default;
};

std::string line_of(const std::filesystem::path& file, const std::string& begin) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with(begin)) return line.substr(begin.size());
  }
  return "";
}

/// The process's threads by name; of several with one name, one.
std::map<std::string, SeenThread> threads_by_name() {
  std::map<std::string, SeenThread> threads;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    const std::string stat = line_of(task.path() / "stat", "");
    std::istringstream rest(stat.substr(stat.rfind(") ") + 2));
    SeenThread thread{0, line_of(task.path() / "status", "Cpus_allowed_list:\t")};
    std::string skipped;
    // The nice value is field 19 of `stat`; the state, after the name, is field 3.
    for (int field = 3; field < 19; ++field) rest >> skipped;
    rest >> thread.nice;
    threads[line_of(task.path() / "comm", "")] = thread;
  }
  return threads;
}

std::string this_name() {
  char name[16] = {};
  pthread_getname_np(pthread_self(), name, sizeof name);
  return name;
}

/// Sets the CPUs of the calling thread to one.
void pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  ASSERT_EQ(sched_setaffinity(0, sizeof set, &set), 0);
}

/// A process without the right to make threads more urgent.
void give_up_rights() {
  const rlimit none{0, 0};
  ASSERT_EQ(setrlimit(RLIMIT_NICE, &none), 0);
  const auto nobody = static_cast<uid_t>(1'000'000 + getpid());
  if (geteuid() == 0) {
    ASSERT_EQ(setresuid(nobody, nobody, nobody), 0);
  }
}

/// Each test runs in a process of its own, because a process has one engine.
class ThreadPlaces : public testing::Test {
 protected:
  void SetUp() override {
    if (kSanitizer) GTEST_SKIP() << "sanitizers do not work in a forked child with threads";
    if (sysconf(_SC_NPROCESSORS_ONLN) < 2) GTEST_SKIP() << "there is one CPU";
    std::filesystem::permissions(dir_.file(""), std::filesystem::perms::all);
    options_.session_directory = "none";
  }
  [[nodiscard]] std::string url(const std::string& name = "log") const {
    return "file:" + dir_.file(name);
  }
  [[nodiscard]] absl::StatusOr<Client> open_client() const {
    const absl::Status status = Engine::configure(options_);
    return status.ok() ? open(url()) : status;
  }
  /// The client's messages arrive, wherever its threads run.
  static void expect_it_works(Client& log) {
    for (int i = 0; i < 100; ++i) METLOG_INFO(log, "message");
    const Receipt receipt = log.close(seconds(10));
    EXPECT_EQ(receipt.sent, 100U);
    EXPECT_EQ(receipt.lost, 0U);
    EXPECT_EQ(log.stats().unexplained(), 0);
  }

  TempDir dir_;
  EngineOptions options_;
};

TEST_F(ThreadPlaces, WithoutOptionsAreThoseOfTheThreadThatOpens) {
  in_child([&] {
    pin_to(1);
    absl::StatusOr<Client> log = open_client();
    ASSERT_TRUE(log.ok()) << log.status();
    METLOG_INFO(*log, "message");
    ASSERT_TRUE(log->flush(seconds(10)));  // now both threads have begun
    auto threads = threads_by_name();
    EXPECT_EQ(threads.size(), 3U);
    EXPECT_EQ(threads[this_name()].cpus, "1");
    EXPECT_EQ(threads["metlog-flusher"], threads[this_name()]);
    EXPECT_EQ(threads["metlog-send"], threads[this_name()]);
  });
}

TEST_F(ThreadPlaces, AreAsTheOptionsSayAndTheOpeningThreadStays) {
  in_child([&] {
    pin_to(1);
    const SeenThread before = threads_by_name()[this_name()];
    options_.thread_name = "shop";
    options_.thread_nice = before.nice + 3;
    options_.thread_affinity = "0";
    absl::StatusOr<Client> log = open_client();
    ASSERT_TRUE(log.ok()) << log.status();
    METLOG_INFO(*log, "message");
    ASSERT_TRUE(log->flush(seconds(10)));
    const std::map<std::string, SeenThread> expected = {{this_name(), before},
                                                        {"shop-flush", {before.nice + 3, "0"}},
                                                        {"shop-send", {before.nice + 3, "0"}}};
    EXPECT_EQ(threads_by_name(), expected);
    ASSERT_TRUE(log->flush(seconds(10)));
  });
}

TEST_F(ThreadPlaces, AreThoseOfLibrariesThreadsToo) {
  in_child([&] {
    options_.thread_nice = 4;
    options_.thread_affinity = "1";
    ASSERT_TRUE(Engine::configure(options_).ok());
    const Client log = open_or_exit("tcp://127.0.0.1:5565");
    const SeenThread expected{4, "1"};
    // The library's threads name themselves once they run.
    auto threads = threads_by_name();
    const auto deadline = std::chrono::steady_clock::now() + seconds(30);
    while ((threads.count("5565/ZMQbg/IO/0") == 0 || threads.count("5565/ZMQbg/Reap") == 0) &&
           std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
      threads = threads_by_name();
    }
    EXPECT_EQ(threads["5565/ZMQbg/IO/0"], expected);
    EXPECT_EQ(threads["5565/ZMQbg/Reap"], expected);
    EXPECT_NE(threads[this_name()], expected);
  });
}

TEST_F(ThreadPlaces, AreTheSameInAForkedChild) {
  in_child([&] {
    options_.thread_name = "shop";
    options_.thread_nice = 4;
    options_.thread_affinity = "1";
    absl::StatusOr<Client> log = open_client();
    ASSERT_TRUE(log.ok()) << log.status();
    in_child([&] {
      METLOG_INFO(*log, "message");
      ASSERT_TRUE(log->flush(seconds(10)));
      const SeenThread expected{4, "1"};
      auto threads = threads_by_name();
      EXPECT_EQ(threads["shop-flush"], expected);
      EXPECT_EQ(threads["shop-send"], expected);
      EXPECT_NE(threads[this_name()], expected);
    });
    expect_it_works(*log);
  });
}

// A child makes its senders on a thread of their place, for which its first call waits. What that
// thread calls may log.
TEST_F(ThreadPlaces, OfAForkedChildLetWhatLogsMeanwhileGoOn) {
  in_child([&] {
    options_.thread_nice = 4;
    static absl::StatusOr<Client> log = open_client();
    ASSERT_TRUE(log.ok()) << log.status();
    in_child([&] {
      static std::atomic<int> calls{0};
      g_call_in_allocator = [] {
        ++calls;
        METLOG_INFO(*log, "inside the allocator");
      };
      alarm(20);  // for a deadlock
      g_allocator_calls = Calls::kOnOtherThreads;
      METLOG_INFO(*log, "message");
      g_allocator_calls = Calls::kNever;
      EXPECT_GT(calls, 0);
      METLOG_INFO(*log, "message");
      const Receipt receipt = log->close(seconds(10));
      EXPECT_GE(receipt.sent, 2U);
      EXPECT_EQ(log->stats().unexplained(), 0);
    });
    expect_it_works(*log);
  });
}

TEST_F(ThreadPlaces, OnACpuThatTheMachineDoesNotHaveAreAnError) {
  in_child([&] {
    options_.thread_affinity = "0-1,7000-7001";
    for (int i = 0; i < 2; ++i) {
      const absl::Status status = open_client().status();
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
      EXPECT_THAT(std::string(status.message()),
                  HasSubstr("thread_affinity is '0-1,7000-7001', but the process "
                            "may not use 7000-7001: this machine has "));
      EXPECT_THAT(std::string(status.message()), HasSubstr("; name some of 0-"));
    }
    EXPECT_EQ(threads_by_name().size(), 1U) << "no thread remains";
    EXPECT_FALSE(std::filesystem::exists(dir_.file("log"))) << "no file is made";
    options_.thread_affinity = "0-1";
    absl::StatusOr<Client> log = open_client();
    ASSERT_TRUE(log.ok()) << log.status();
    expect_it_works(*log);
  });
}

TEST_F(ThreadPlaces, OfAnEngineThatTheProgramMakesAreCheckedByOpen) {
  in_child([&] {
    options_.thread_affinity = "7000";
    Engine engine({.options = options_,
                   .threads = Engine::Threads::kOwn,
                   .clock = nullptr,
                   .idle = nullptr,
                   .pid = 0,
                   .hostname = {}});
    EXPECT_THAT(std::string(engine.open("null:").status().message()),
                HasSubstr("the process may not use 7000"));
  });
}

TEST_F(ThreadPlaces, OfAConfigurationAreAnErrorWithItsPlace) {
  in_child([&] {
    const absl::Status status =
        client_from_text_config("[metlog]\nsender_url = null:\nengine_thread_affinity = 1,7000\n",
                                "metlog")
            .status();
    EXPECT_THAT(std::string(status.message()),
                HasSubstr("<text>:3: [metlog] engine_thread_affinity = \"1,7000\": thread_affinity "
                          "is '1,7000', but the process may not use 7000: this machine has "));
  });
}

TEST_F(ThreadPlaces, MoreUrgentThanAllowedAreAnErrorThatSaysHow) {
  in_child([&] {
    setpriority(PRIO_PROCESS, 0, 0);  // whatever the tests are run with
    give_up_rights();
    options_.thread_nice = -10;
    const absl::Status status = open_client().status();
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << status;
    EXPECT_THAT(std::string(status.message()),
                HasSubstr("thread_nice is -10, but the process may not go below 0"));
    EXPECT_THAT(std::string(status.message()),
                HasSubstr("LimitNICE=-10 in its systemd unit, 'ulimit -e 30', or "
                          "'setcap cap_sys_nice+ep PROGRAM'"));
  });
}

TEST_F(ThreadPlaces, ThatAreRefusedLaterAreSaidAndNothingIsLost) {
  if (geteuid() != 0) GTEST_SKIP() << "only root has rights that it can give up";
  in_child([&] {
    setpriority(PRIO_PROCESS, 0, 0);  // whatever the tests are run with
    options_.thread_nice = -1;
    const absl::StatusOr<Client> first = open_client();
    if (absl::IsPermissionDenied(first.status())) return;  // a container's root may not, either
    ASSERT_TRUE(first.ok()) << first.status();
    give_up_rights();
    const CapturedStderr captured;
    Client second = open(url("second")).value();
    expect_it_works(second);
    EXPECT_THAT(captured.text(), HasSubstr(" goes on elsewhere: thread_nice is -1, but the process "
                                           "may not go below 0"));
    in_child([&] {
      Client third = open(url("third")).value();
      expect_it_works(third);
      EXPECT_EQ(threads_by_name()["metlog-flusher"].nice, 0);
    });
  });
}

TEST_F(ThreadPlaces, OfAProgramsOwnThreadAreNoMarkOfOurs) {
  EXPECT_FALSE(OwnThread::is(gettid()));
  {
    const OwnThread mark;
    EXPECT_TRUE(OwnThread::is(gettid()));
    in_child([] {
      OwnThread::forget_all();
      EXPECT_FALSE(OwnThread::is(getppid()));
    });
  }
  EXPECT_FALSE(OwnThread::is(gettid()));
}

TEST(EngineOptions, OfThreadsAreChecked) {
  const auto error_of = [](const EngineOptions& options) {
    const absl::Status status = Engine::configure(options);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return std::string(status.message());
  };
  EngineOptions options;
  options.thread_name = "ten_letter";
  EXPECT_EQ(error_of(options),
            "thread_name is 'ten_letter'; it takes 1 to 9 characters of ASCII, no spaces");
  options.thread_name = "a b";
  EXPECT_THAT(error_of(options), HasSubstr("thread_name is 'a b'"));
  options = {};
  options.thread_nice = 20;
  EXPECT_EQ(error_of(options), "thread_nice is 20; it takes -20 (most urgent) to 19");
  options.thread_nice = -21;
  EXPECT_THAT(error_of(options), HasSubstr("thread_nice is -21"));
  options = {};
  options.thread_affinity = "";
  EXPECT_EQ(error_of(options),
            "thread_affinity is '': it names no CPU; it takes CPU numbers and "
            "ranges, such as 0,2-3");
}

}  // namespace
}  // namespace metlog
