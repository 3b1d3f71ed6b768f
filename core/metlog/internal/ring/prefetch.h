#pragma once

namespace metlog {

/// Asks for the cache line at this address, to write it; it need not be ours, for nothing is
/// touched. A processor without such an instruction does nothing.
inline void prefetch_for_write(const void* address) {
#if defined(__x86_64__)
  // Not the builtin: without -mprfchw that fetches the line to read, and the store asks once more.
  __asm__ volatile("prefetchw %0" : : "m"(*static_cast<const char*>(address)));
#else
  __builtin_prefetch(address, 1, 3);
#endif
}

}  // namespace metlog
