// That our threads ask the scheduler for a short slice, and change nothing else.

#include <dirent.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <thread>

#include "metlog/internal/base/start_thread.h"
#include "metlog/metlog.h"

namespace metlog {
namespace {

constexpr std::uint64_t kShortSliceNs = 100'000;

struct Scheduling {
  std::uint32_t size;
  std::uint32_t policy;
  std::uint64_t flags;
  std::int32_t nice;
  std::uint32_t priority;
  std::uint64_t runtime_ns;
  std::uint64_t deadline_ns;
  std::uint64_t period_ns;
};

Scheduling scheduling_of(pid_t thread) {
  Scheduling scheduling{};
  EXPECT_EQ(syscall(SYS_sched_getattr, thread, &scheduling, sizeof scheduling, 0), 0);
  return scheduling;
}

/// Calls `body` on a thread of its own.
template <class F>
void on_a_thread(const F& body) {
  std::thread(body).join();
}

bool kernel_has_slices() {
  bool has = false;
  on_a_thread([&] {
    ask_for_short_slice();
    has = scheduling_of(0).runtime_ns == kShortSliceNs;
  });
  return has;
}

TEST(ShortSlice, LeavesPolicyAndNiceValueAsTheyAre) {
  on_a_thread([] {
    ASSERT_EQ(::setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 5), 0);
    ask_for_short_slice();
    EXPECT_EQ(scheduling_of(0).nice, 5);
    EXPECT_EQ(scheduling_of(0).policy, static_cast<std::uint32_t>(SCHED_OTHER));
    const sched_param none{};
    ASSERT_EQ(::sched_setscheduler(0, SCHED_BATCH, &none), 0);
    ask_for_short_slice();
    EXPECT_EQ(scheduling_of(0).nice, 5);
    EXPECT_EQ(scheduling_of(0).policy, static_cast<std::uint32_t>(SCHED_BATCH));
    ASSERT_EQ(::sched_setscheduler(0, SCHED_IDLE, &none), 0);
    const Scheduling before = scheduling_of(0);
    ask_for_short_slice();
    EXPECT_EQ(scheduling_of(0).policy, static_cast<std::uint32_t>(SCHED_IDLE));
    EXPECT_EQ(scheduling_of(0).runtime_ns, before.runtime_ns);
  });
}

/// The threads of this process by their names.
std::map<std::string, pid_t> threads_by_name() {
  std::map<std::string, pid_t> threads;
  DIR* const tasks = ::opendir("/proc/self/task");
  while (const dirent* const task = ::readdir(tasks)) {
    std::string name;
    std::ifstream("/proc/self/task/" + std::string(task->d_name) + "/comm") >> name;
    threads[name] = static_cast<pid_t>(std::atol(task->d_name));
  }
  ::closedir(tasks);
  return threads;
}

TEST(ShortSlice, IsThatOfTheFlusherAndOfEachDestination) {
  if (!kernel_has_slices()) GTEST_SKIP() << "the kernel has no slices of threads";
  Engine::Parts parts;
  parts.options.session_directory = "none";
  Engine engine(std::move(parts));
  absl::StatusOr<Client> client = engine.open("null:");
  ASSERT_TRUE(client.ok()) << client.status();
  client->info("message");
  ASSERT_TRUE(client->flush(std::chrono::seconds(30)));
  const std::map<std::string, pid_t> threads = threads_by_name();
  for (const char* const name : {"metlog-flusher", "metlog-send"}) {
    ASSERT_TRUE(threads.contains(name)) << name;
    EXPECT_EQ(scheduling_of(threads.at(name)).runtime_ns, kShortSliceNs) << name;
  }
  EXPECT_NE(scheduling_of(0).runtime_ns, kShortSliceNs) << "the program's own thread";
  EXPECT_EQ(client->stats().emitted, 1U);
  EXPECT_EQ(client->stats().sent, 1U);
}

}  // namespace
}  // namespace metlog
