#pragma once

#include <chrono>
#include <cstdint>

namespace metlog {

// Fenced reads of the processor's counter: nothing of the region runs outside of it, and a read
// takes 20-30 cycles. Other processors than x86-64 use the steady clock.

/// Begins a region: everything before it is complete, nothing after it has begun.
inline std::uint64_t region_begin() {
#if defined(__x86_64__)
  __builtin_ia32_lfence();
  const std::uint64_t ticks = __builtin_ia32_rdtsc();
  __builtin_ia32_lfence();
  return ticks;
#else
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

/// Ends a region: all of it is complete.
inline std::uint64_t region_end() {
#if defined(__x86_64__)
  unsigned processor;
  const std::uint64_t ticks = __builtin_ia32_rdtscp(&processor);
  __builtin_ia32_lfence();
  return ticks;
#else
  return region_begin();
#endif
}

/// Nanoseconds per unit of the above; measured once, for 30 ms.
double ns_per_region_tick();

/// Waits without sleeping, like a program with other work.
void work_for(std::chrono::nanoseconds time);

}  // namespace metlog
