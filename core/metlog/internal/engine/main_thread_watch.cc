#include "metlog/internal/engine/main_thread_watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

#include "metlog/internal/base/own_thread.h"
#include "metlog/internal/base/start_thread.h"
#include "metlog/internal/base/unique_fd.h"

namespace metlog {
namespace {

constexpr std::chrono::milliseconds kInterval{200};

/// The threads that are ours, too, as the kernel names them: libzmq's of our context, and those of
/// another copy of this library in the process, if it names them so.
constexpr std::string_view kOwnThreads[] = {"metlog-flusher", "metlog-send", "metlog-recover",
                                            "5565/ZMQbg/"};

/// Returns the beginning of a small file; empty when there is none.
std::string read_small(const std::string& path) {
  char text[512];
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const ssize_t size = fd.is_open() ? ::read(fd.get(), text, sizeof text) : 0;
  return {text, size > 0 ? static_cast<std::size_t>(size) : 0};
}

/// Returns the state of a thread by its `stat` file, which has the name in parentheses before it.
char state_in(const std::string& stat) {
  const std::size_t end = stat.rfind(") ");
  return end == std::string::npos || end + 2 >= stat.size() ? '?' : stat[end + 2];
}

std::string_view name_in(const std::string& stat) {
  const std::size_t begin = stat.find('(');
  const std::size_t end = stat.rfind(')');
  if (begin == std::string::npos || end == std::string::npos || end < begin) return {};
  return std::string_view(stat).substr(begin + 1, end - begin - 1);
}

bool is_own(std::string_view name) {
  return std::any_of(std::begin(kOwnThreads), std::end(kOwnThreads),
                     [&](std::string_view own) { return name.substr(0, own.size()) == own; });
}

/// True when no thread but ours is left, apart from those that have ended.
bool only_ours_are_left() {
  DIR* const tasks = ::opendir("/proc/self/task");
  if (tasks == nullptr) return false;
  bool only_ours = true;
  while (const dirent* const task = ::readdir(tasks)) {
    if (task->d_name[0] == '.') continue;
    const std::string stat = read_small(std::string("/proc/self/task/") + task->d_name + "/stat");
    if (stat.empty()) continue;  // has ended since
    const char state = state_in(stat);
    const bool is_ours = OwnThread::is(std::atoi(task->d_name)) || is_own(name_in(stat));
    if (state != 'Z' && state != 'X' && !is_ours) only_ours = false;
  }
  ::closedir(tasks);
  return only_ours;
}

/// False when there is no thread for it.
bool begin_exit() {
  std::thread exiting;
  const absl::Status status = start_thread(exiting, "the exiting one", [] {
    // A host's thread would take them, and SIGTERM must end a process that waits for a destination.
    // Those of its own writes stay blocked: see AllSignalsBlock::is_inherited().
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGPIPE);
    sigaddset(&blocked, SIGXFSZ);
    pthread_sigmask(SIG_SETMASK, &blocked, nullptr);
    std::exit(0);
  });
  if (status.ok()) exiting.detach();
  return status.ok();
}

}  // namespace

void MainThreadWatch::look() {
  const auto now = std::chrono::steady_clock::now();
  if (has_begun_exit_ || now < next_look_) return;
  next_look_ = now + kInterval;
  // The thread group's leader is main()'s thread: after pthread_exit() it is a zombie.
  const bool should_exit = state_in(read_small("/proc/self/stat")) == 'Z' && only_ours_are_left();
  has_begun_exit_ = should_exit && begin_exit();
}

}  // namespace metlog
