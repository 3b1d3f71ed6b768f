#pragma once

#include <cstdint>

namespace metlog {

/// The time stamp of the straight path: the processor's counter, about 10 ns. Meaningful only while
/// g_ticks_are_steady; else every call takes the cold path, which stamps it anew. Any thread.
inline std::uint64_t ticks() {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
  std::uint64_t value;
  __asm__ volatile("mrs %0, cntvct_el0" : "=r"(value));
  return value;
#else
  return 0;
#endif
}

/// In the place of a stamp: the flusher takes the time when it finds the record.
inline constexpr std::uint64_t kNoStamp = 0;

/// Whether the counter is used: it runs at one rate on all processors and through their sleep, and
/// nobody asked to do without. Stored when an engine starts, before it has clients.
extern bool g_ticks_are_steady;

/// Whether the processor promises that.
bool processor_has_steady_ticks();

/// CLOCK_MONOTONIC, in ns.
std::uint64_t monotonic_ns();

/// The same to within a few ms, in a quarter of the time: for intervals of seconds.
std::uint64_t coarse_monotonic_ns();

/// What stamps and spans are made of: ticks(), or monotonic_ns() where these are not steady.
inline std::uint64_t steady_ticks() {
  if (g_ticks_are_steady) [[likely]]
    return ticks();
  return monotonic_ns();
}

}  // namespace metlog
