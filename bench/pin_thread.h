#pragma once

#include <sched.h>

#include <cstdio>
#include <cstdlib>

namespace metlog {

/// Pins the calling thread to the CPU whose number the environment variable holds; does nothing
/// when the variable is not set. Exits when that fails, because figures would mean nothing.
inline void pin_thread(const char* variable) {
  const char* const text = std::getenv(variable);
  if (text == nullptr) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  const int cpu = std::atoi(text);
  if (cpu >= 0 && cpu < CPU_SETSIZE) CPU_SET(static_cast<unsigned>(cpu), &set);
  if (sched_setaffinity(0, sizeof set, &set) == 0) return;
  std::fprintf(stderr, "%s is '%s': no CPU that this thread may run on; see taskset -p $$\n",
               variable, text);
  std::exit(2);
}

}  // namespace metlog
