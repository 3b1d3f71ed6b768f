#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace metlog {

/// What the figures were measured on.
struct Machine {
  std::string cpu;     // the processor's name
  std::string kernel;  // "Linux 6.1.0"
  std::size_t processors = 0;
};
Machine this_machine();

/// How far two processors are from each other, by the time a cache line takes one way. Virtual
/// machines are moved about while they run, and all that hands data over between threads follows.
struct CoreDistance {
  double ns = 0;  // 0: there is only one processor
};

/// Takes some ms: threads pinned to the first two processors of this process play ball.
CoreDistance probe_core_distance();

/// "smt" (threads of one core), "ccx" (cores of one cache), "far", or "one core".
std::string_view regime_of(CoreDistance distance);
/// The same of a time between two probes: "mixed" when they differ.
std::string_view regime_of(CoreDistance before, CoreDistance after);

}  // namespace metlog
