#pragma once

#include <cstdint>

namespace metlog {

/// Returns the time stamp of the hot path: the processor's counter, in about 10 ns. Meaningful only
/// while g_ticks_are_steady; else every call takes the cold path, which replaces it. Any thread.
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

/// Instead of a stamp: the flusher takes the time when it finds the record.
inline constexpr std::uint64_t kNoStamp = 0;

/// True when the counter is used: it runs at one rate on all processors and during their sleep, and
/// the engine's options do not forbid it. Stored when an engine starts, before it has clients.
extern bool g_ticks_are_steady;

/// True when the processor promises such a counter.
bool processor_has_steady_ticks();

/// Returns CLOCK_MONOTONIC in ns.
std::uint64_t monotonic_ns();

/// Returns CLOCK_MONOTONIC_COARSE in ns: a few ms old, in a quarter of the time.
std::uint64_t coarse_monotonic_ns();

/// Returns the unit of stamps and spans: ticks(), or monotonic_ns() where ticks are not steady.
inline std::uint64_t steady_ticks() {
  if (g_ticks_are_steady) [[likely]]
    return ticks();
  return monotonic_ns();
}

}  // namespace metlog
