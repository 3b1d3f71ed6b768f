#include "metlog/internal/ring/ring_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "metlog/internal/base/signal_block.h"
#include "metlog/internal/base/standard_descriptors.h"
#include "metlog/internal/base/unique_fd.h"

namespace metlog {

RingMemory::RingMemory(const RingPlace& place, unsigned cells_log2) : cells_log2_(cells_log2) {
  is_file_ = place.directory_fd >= 0 && map_file(place);
  if (!is_file_ && !map_anonymous()) return;
  RingHeader& ring = header();
  ring.abi = kRingAbi;
  ring.header_bytes = kRingHeaderBytes;
  ring.cell_bytes = kCellBytes;
  ring.cells_log2 = cells_log2;
  ring.index = place.index;
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  ring.created_ns = static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
  if (place.session_id != nullptr) std::memcpy(ring.session, place.session_id, 16);
  ring.magic = kRingMagic;
}

RingMemory::~RingMemory() {
  if (base_ != nullptr) munmap(base_, bytes());
}

bool RingMemory::map_file(const RingPlace& place) {
  keep_standard_descriptors();
  char name[32];
  std::snprintf(name, sizeof name, "r%03u.ring", place.index);
  const UniqueFd fd(
      openat(place.directory_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.is_open()) {
    file_error_ = errno;
    return false;
  }
  // Allocates the blocks: a full file system must fail here, not by SIGBUS at a call site. Above
  // the process's limit for files (ulimit -f) it would raise SIGXFSZ in the calling thread.
  const ScopedSignalBlock quiet;
  file_error_ = posix_fallocate(fd.get(), 0, static_cast<off_t>(bytes()));
  void* mapped = MAP_FAILED;
  if (file_error_ == 0) {
    mapped = mmap(nullptr, bytes(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd.get(), 0);
    if (mapped == MAP_FAILED) file_error_ = errno;
  }
  if (mapped == MAP_FAILED) {
    unlinkat(place.directory_fd, name, 0);
    return false;
  }
  base_ = static_cast<unsigned char*>(mapped);
  return true;
}

bool RingMemory::map_anonymous() {
  void* const mapped = mmap(nullptr, bytes(), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (mapped == MAP_FAILED) return false;
  base_ = static_cast<unsigned char*>(mapped);
  return true;
}

}  // namespace metlog
