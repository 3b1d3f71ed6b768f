#include "tools/router/input/spare_descriptors.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace metlog {

bool has_spare_descriptors() {
  std::array<int, 16> spare{};
  for (int& fd : spare) fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const bool all_open = std::all_of(spare.begin(), spare.end(), [](int fd) { return fd >= 0; });
  for (const int fd : spare) {
    if (fd >= 0) close(fd);
  }
  return all_open;
}

}  // namespace metlog
