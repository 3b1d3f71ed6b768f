#include "tools/metlog/tune/measure/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "metlog/internal/base/unique_fd.h"

extern char** environ;

namespace metlog {
namespace {

constexpr int kLookMs = 50;

/// Starts it with its standard output in the pipe; 0, or an errno.
int start_self(const std::vector<std::string>& arguments, int write_end, pid_t& pid) {
  std::vector<char*> argv;
  std::string name = "metlog";
  argv.push_back(name.data());
  std::vector<std::string> own = arguments;
  for (std::string& argument : own) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, write_end, STDOUT_FILENO);
  const int error = posix_spawn(&pid, "/proc/self/exe", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

/// Reads until the end of the output; false when it had to be given up.
bool collect(int read_end, std::string& output, std::chrono::steady_clock::time_point deadline,
             const std::function<bool()>& must_stop, ChildEnd::How& how) {
  std::array<char, 4096> buffer{};
  while (true) {
    if (must_stop()) {
      how = ChildEnd::How::kStopped;
      return false;
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      how = ChildEnd::How::kTimedOut;
      return false;
    }
    pollfd input{read_end, POLLIN, 0};
    if (poll(&input, 1, kLookMs) <= 0) continue;
    const ssize_t count = ::read(read_end, buffer.data(), buffer.size());
    if (count == 0) return true;
    if (count > 0) output.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

std::string ChildEnd::trouble() const {
  switch (how) {
    case How::kExited:
      return code == 0 ? "" : "ended with exit code " + std::to_string(code);
    case How::kKilled:
      return "killed by signal " + std::to_string(code);
    case How::kTimedOut:
      return "hung: killed after " + std::to_string(code) + " ms";
    case How::kStopped:
      return "stopped";
    case How::kNotStarted:
      break;
  }
  return std::string("could not be started: ") + std::strerror(code);
}

ChildEnd run_self(const std::vector<std::string>& arguments, std::chrono::milliseconds limit,
                  const std::function<bool()>& must_stop) {
  ChildEnd end;
  std::array<int, 2> pipe_ends{-1, -1};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) {
    end.code = errno;
    return end;
  }
  const UniqueFd read_end(pipe_ends[0]);
  UniqueFd write_end(pipe_ends[1]);
  pid_t pid = 0;
  end.code = start_self(arguments, write_end.get(), pid);
  if (end.code != 0) return end;
  write_end = UniqueFd();
  const auto deadline = std::chrono::steady_clock::now() + limit;
  const bool ended = collect(read_end.get(), end.output, deadline, must_stop, end.how);
  if (!ended) kill(pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended) {
    end.code = static_cast<int>(limit.count());
  } else if (WIFSIGNALED(status)) {
    end.how = ChildEnd::How::kKilled;
    end.code = WTERMSIG(status);
  } else {
    end.how = ChildEnd::How::kExited;
    end.code = WEXITSTATUS(status);
  }
  return end;
}

}  // namespace metlog
