#include "tools/metlogd/control_signals.h"

#include <unistd.h>

#include <atomic>
#include <csignal>

namespace metlog {
namespace {

std::atomic<bool> hangup{false};
std::atomic<bool> ledger_request{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler stores it");
bool began_on_terminal = false;

// relaxed, here and where they are taken: flags; no data depends on them
void note(int signal) {
  (signal == SIGHUP ? hangup : ledger_request).store(true, std::memory_order_relaxed);
}

bool is_on_terminal() {
  return isatty(STDIN_FILENO) != 0 || isatty(STDOUT_FILENO) != 0 || isatty(STDERR_FILENO) != 0;
}

}  // namespace

void install_control_signals() {
  began_on_terminal = is_on_terminal();
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGHUP, SIGUSR1}) sigaction(signal, &action, nullptr);
}

bool take_hangup() { return hangup.exchange(false, std::memory_order_relaxed); }

bool take_ledger_request() { return ledger_request.exchange(false, std::memory_order_relaxed); }

bool has_lost_terminal() { return began_on_terminal && !is_on_terminal(); }

}  // namespace metlog
