#include "bench/host_cost/busy_core.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace metlog {
namespace {

/// The last that it may use: the first one often serves interrupts.
void go_to_one_core() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return;
  int cpu = CPU_SETSIZE - 1;
  while (cpu > 0 && !CPU_ISSET(cpu, &set)) --cpu;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  sched_setaffinity(0, sizeof set, &set);
}

}  // namespace

BusyCore::BusyCore(std::size_t neighbours) {
  if (neighbours == 0) return;
  go_to_one_core();
  for (std::size_t i = 0; i < neighbours; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      for (volatile unsigned x = 0;;) x = x + 1;
    }
    if (child > 0) neighbours_.push_back(child);
  }
}

BusyCore::~BusyCore() {
  for (const pid_t neighbour : neighbours_) {
    kill(neighbour, SIGKILL);
    while (waitpid(neighbour, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

}  // namespace metlog
