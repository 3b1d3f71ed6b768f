#include "tools/metlog/reload.h"

#include <fmt/format.h>
#include <signal.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "tools/console/pid_file.h"
#include "tools/console/report.h"
#include "tools/console/terminal.h"

namespace metlog {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLookInterval{20};

/// Waits for what becomes of the reload after number `before`, and says it.
int wait_for_reload(const ReloadOptions& options, pid_t pid, std::uint64_t before) {
  const auto until = Clock::now() + std::chrono::duration<double>(options.wait_s);
  while (Clock::now() < until) {
    const ReloadStatus status = read_reload_status(options.pid_file);
    if (status.number > before) {
      if (status.is_reloaded) return print(fmt::format("reloaded: {}\n", status.text));
      report("nothing has changed: " + status.text);
      return kExitUsage;
    }
    if (!is_running_router(pid)) {
      report(fmt::format("metlogd ({}) has ended", pid));
      return kExitLost;
    }
    std::this_thread::sleep_for(kLookInterval);
  }
  report(fmt::format("metlogd ({}) has not answered within {} s; its stderr may say more", pid,
                     options.wait_s));
  return kExitLost;
}

}  // namespace

int run_reload(const ReloadOptions& options) {
  pid_t pid = options.pid;
  if (!options.pid_file.empty()) {
    const absl::StatusOr<pid_t> named = read_pid_file(options.pid_file);
    if (!named.ok()) return refuse("--pid-file", named.status());
    pid = *named;
  }
  if (!is_running_router(pid)) {
    report(fmt::format("process {} is no metlogd that runs", pid));
    return kExitUsage;
  }
  const std::uint64_t before =
      options.pid_file.empty() ? 0 : read_reload_status(options.pid_file).number;
  if (::kill(pid, SIGHUP) != 0) {
    report(fmt::format("cannot signal metlogd ({}): {}; be root, or the user that it runs as", pid,
                       std::strerror(errno)));
    return kExitUsage;
  }
  if (options.pid_file.empty()) {
    return print(
        fmt::format("asked metlogd ({}) to reload; its stderr says what became of it\n", pid));
  }
  return wait_for_reload(options, pid, before);
}

}  // namespace metlog
