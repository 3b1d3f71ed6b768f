#pragma once

#include <cstddef>
#include <string>

namespace metlog {

/// What the figures were measured on.
struct Machine {
  std::string cpu;     // the processor's name
  std::string kernel;  // "Linux 6.1.0"
  std::size_t processors = 0;
};
Machine this_machine();

}  // namespace metlog
