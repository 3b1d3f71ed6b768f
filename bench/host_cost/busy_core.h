#pragma once

#include <sys/types.h>

#include <cstddef>
#include <vector>

namespace metlog {

/// Puts this process on one core, beside processes that compute all the time, until it is
/// destroyed. Made before the process has threads: they inherit the core.
class BusyCore {
 public:
  explicit BusyCore(std::size_t neighbours);
  ~BusyCore();
  BusyCore(const BusyCore&) = delete;
  BusyCore& operator=(const BusyCore&) = delete;

 private:
  std::vector<pid_t> neighbours_;
};

}  // namespace metlog
