#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace metlog {

/// The machine that the figures were measured on.
struct Machine {
  std::string cpu;     // the processor's name
  std::string kernel;  // "Linux 6.1.0"
  std::size_t processors = 0;
};
Machine this_machine();

/// The distance of two processors: the time a cache line takes from one to the other. The host may
/// move a virtual machine's processors while it runs, which changes every hand-over between
/// threads.
struct CoreDistance {
  double ns = 0;  // 0 when there is only one processor
};

/// Takes a few ms: two threads, pinned to the first two processors of this process, pass a cache
/// line to and fro.
CoreDistance probe_core_distance();

/// Returns "smt" (threads of one core), "ccx" (cores of one cache), "far", or "one core".
std::string_view regime_of(CoreDistance distance);
/// The regime of what ran between two probes; "mixed" when they differ.
std::string_view regime_of(CoreDistance before, CoreDistance after);

}  // namespace metlog
