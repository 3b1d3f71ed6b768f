#include "tools/metlogd/stop_signal.h"

#include <csignal>
#include <initializer_list>

namespace metlog {
namespace {

volatile std::sig_atomic_t stop_signal = 0;

void remember(int signal) { stop_signal = signal; }

}  // namespace

void install_stop_signals() {
  struct sigaction action {};
  action.sa_handler = remember;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool stop_requested() { return stop_signal != 0; }

}  // namespace metlog
