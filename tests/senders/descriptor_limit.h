#pragma once

#include <fcntl.h>
#include <sys/resource.h>

namespace metlog {

/// Leaves this process `free` more file descriptors.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t free) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit limit{0, before_.rlim_max};
    for (rlim_t found = 0; found < free || is_open(limit.rlim_cur); ++limit.rlim_cur) {
      if (!is_open(limit.rlim_cur)) ++found;
    }
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  static bool is_open(rlim_t fd) { return ::fcntl(static_cast<int>(fd), F_GETFD) != -1; }

  rlimit before_{};
};

}  // namespace metlog
