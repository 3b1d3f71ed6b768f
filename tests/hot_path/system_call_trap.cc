#include "tests/hot_path/system_call_trap.h"

#include <csignal>

#include <sys/prctl.h>

namespace metlog {
namespace {

// From linux/prctl.h; the headers of older kernels lack them.
constexpr int kSetDispatch = 59;
constexpr unsigned long kDispatchOff = 0;
constexpr unsigned long kDispatchOn = 1;
constexpr char kAllow = 0;
constexpr char kBlock = 1;

volatile char g_selector = kAllow;
volatile std::sig_atomic_t g_caught = -1;

// The return from here is a system call too, so the first one caught is the last.
void note_call(int, siginfo_t* info, void*) {
  g_selector = kAllow;
  g_caught = info->si_syscall;
}

}  // namespace

SystemCallTrap::SystemCallTrap() {
  struct sigaction action {};
  action.sa_sigaction = note_call;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSYS, &action, nullptr);
  is_supported_ = prctl(kSetDispatch, kDispatchOn, 0, 0, &g_selector) == 0;
}

SystemCallTrap::~SystemCallTrap() {
  if (is_supported_) prctl(kSetDispatch, kDispatchOff, 0, 0, 0);
  std::signal(SIGSYS, SIG_DFL);
}

void SystemCallTrap::arm() {
  g_caught = -1;
  g_selector = kBlock;
}

int SystemCallTrap::disarm() {
  g_selector = kAllow;
  return g_caught;
}

}  // namespace metlog
