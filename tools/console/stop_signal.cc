#include "tools/console/stop_signal.h"

#include <atomic>
#include <csignal>
#include <initializer_list>

namespace metlog {
namespace {

std::atomic<int> stop_signal{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler stores it");

// relaxed: a flag; no data depends on it
void remember(int signal) { stop_signal.store(signal, std::memory_order_relaxed); }

}  // namespace

void install_stop_signals() {
  struct sigaction action {};
  action.sa_handler = remember;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
  for (const int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_IGN);
}

bool stop_requested() {
  return stop_signal.load(std::memory_order_relaxed) != 0;  // relaxed: as above
}

}  // namespace metlog
