#include "metlog/internal/ring/ring_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "metlog/internal/base/signal_block.h"
#include "metlog/internal/base/standard_descriptors.h"
#include "metlog/internal/base/unique_fd.h"

namespace metlog {
namespace {

// From linux/mman.h and linux/magic.h; the headers of older systems lack the first.
constexpr int kPopulateWrite = 23;
constexpr long kTmpfs = 0x01021994;

// With the header's page, what a thread keeps that logs once.
constexpr std::uint64_t kFirstCells = (16384 - kRingHeaderBytes) / kCellBytes;
// Parts of 64 KiB, in larger rings a quarter of what there is: a call that has to wait for one
// waits for some 10 to 50 us.
constexpr std::uint64_t kLeastPart = 65536 / kCellBytes;
constexpr std::uint64_t kPageCells = 4096 / kCellBytes;

// Whether the kernel knows the advice; with no bytes it does nothing else.
bool can_populate() { return madvise(nullptr, 0, kPopulateWrite) == 0; }

// True when an access for which there is no memory would raise a signal, and populate() an error.
bool can_extend(int fd) {
  struct statfs status;
  return fstatfs(fd, &status) == 0 && status.f_type == kTmpfs && can_populate();
}

constexpr std::size_t bytes_of(std::uint64_t cells) {
  return kRingHeaderBytes + cells * kCellBytes;
}

// Allocates the pages of cells in [from, to) of the mapping, and has them present; `from` is 0 for
// the header, too. 0, or the errno.
int populate(unsigned char* base, std::uint64_t from, std::uint64_t to) {
  const auto page = static_cast<std::size_t>(getpagesize());
  const std::size_t begin = from == 0 ? 0 : bytes_of(from) / page * page;
  if (madvise(base + begin, bytes_of(to) - begin, kPopulateWrite) == 0) return 0;
  return errno == EFAULT ? ENOSPC : errno;  // an access would have raised SIGBUS
}

}  // namespace

RingMemory::RingMemory(const RingPlace& place, unsigned cells_log2) : cells_log2_(cells_log2) {
  // relaxed, both: no other thread knows the ring
  is_file_.store(place.directory_fd >= 0 && map_file(place), std::memory_order_relaxed);
  if (!is_file() && !map_anonymous(place)) return;
  RingHeader& ring = header();
  ring.abi = kRingAbi;
  ring.header_bytes = kRingHeaderBytes;
  ring.cell_bytes = kCellBytes;
  ring.cells_log2 = cells_log2;
  ring.index = place.index;
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  ring.created_ns = static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
  // relaxed: as above
  if (is_file()) ring.file_cells.store(ready_cells(), Order::kRelaxed);
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
  // A full file system must fail here, not by SIGBUS at a call site. Above the process's limit for
  // files (ulimit -f) both would raise SIGXFSZ in the calling thread.
  const ScopedSignalBlock quiet;
  const auto size = static_cast<off_t>(bytes());
  const bool is_extended = !place.is_whole && can_extend(fd.get());
  const std::uint64_t first = is_extended ? std::min(kFirstCells, capacity()) : capacity();
  const bool is_whole = first == capacity();
  if (is_whole) {
    file_error_ = posix_fallocate(fd.get(), 0, size);
  } else if (ftruncate(fd.get(), size) != 0) {
    file_error_ = errno;
  }
  void* mapped = MAP_FAILED;
  if (file_error_ == 0) {
    mapped = mmap(nullptr, bytes(), PROT_READ | PROT_WRITE,
                  MAP_SHARED | (is_whole ? MAP_POPULATE : 0), fd.get(), 0);
    if (mapped == MAP_FAILED) file_error_ = errno;
  }
  if (file_error_ == 0 && !is_whole) {
    file_error_ = populate(static_cast<unsigned char*>(mapped), 0, first);
    if (file_error_ != 0) munmap(mapped, bytes());
  }
  if (file_error_ != 0) {
    unlinkat(place.directory_fd, name, 0);
    return false;
  }
  base_ = static_cast<unsigned char*>(mapped);
  ready_cells_.store(first, std::memory_order_relaxed);  // relaxed: as in the constructor
  return true;
}

bool RingMemory::map_anonymous(const RingPlace& place) {
  const bool is_extended = !place.is_whole && can_populate();
  const std::uint64_t first = is_extended ? std::min(kFirstCells, capacity()) : capacity();
  const bool is_whole = first == capacity();
  void* const mapped = mmap(nullptr, bytes(), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | (is_whole ? MAP_POPULATE : 0), -1, 0);
  if (mapped == MAP_FAILED) return false;
  base_ = static_cast<unsigned char*>(mapped);
  if (!is_whole) populate(base_, 0, first);
  ready_cells_.store(first, std::memory_order_relaxed);  // relaxed: as in the constructor
  return true;
}

// Whole pages, and no small part in the end.
std::uint64_t RingMemory::next_ready(std::uint64_t cells) const {
  const std::uint64_t ready = ready_cells();
  const std::uint64_t part = std::max(kLeastPart, ready / 4);
  const std::uint64_t wanted = std::max(cells, ready + part);
  const std::uint64_t whole_pages = (wanted + kPageCells - 1) / kPageCells * kPageCells;
  return whole_pages + part / 2 >= capacity() ? capacity() : whole_pages;
}

bool RingMemory::extend(std::uint64_t cells) {
  // A signal handler that logs must not extend the ring meanwhile.
  const AllSignalsBlock quiet;
  if (std::min(cells, capacity()) <= ready_cells()) return true;
  const std::uint64_t next = next_ready(cells);
  const int error = populate(base_, ready_cells(), next);
  if (error != 0 && is_file()) {
    if (!replace_rest(next)) return false;
    file_error_ = error;
    is_file_.store(false, std::memory_order_relaxed);  // relaxed: a switch
  }
  // Anonymous memory that was refused now is asked for again by the cells' first use.
  // release: recovery reads the file of a dead process by it
  if (is_file()) header().file_cells.store(next, Order::kRelease);
  // release: pairs with ready_cells()
  ready_cells_.store(next, std::memory_order_release);
  return true;
}

bool RingMemory::replace_rest(std::uint64_t cells) {
  const auto page = static_cast<std::size_t>(getpagesize());
  const std::size_t begin = (bytes_of(ready_cells()) + page - 1) / page * page;
  if (begin >= bytes()) return true;
  unsigned char* const rest = base_ + begin;
  madvise(rest, bytes() - begin, MADV_REMOVE);  // gives back what was allocated before the refusal
  if (mmap(rest, bytes() - begin, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
           -1, 0) == MAP_FAILED) {
    return false;
  }
  populate(base_, ready_cells(), cells);
  return true;
}

void RingMemory::prepare_extension(std::uint64_t used) {
  const std::uint64_t ready = ready_cells();
  if (ready == capacity() || used < ready / 2 || prepared_cells_ > ready) return;
  prepared_cells_ = next_ready(ready);
  populate(base_, ready, prepared_cells_);  // an error is the writer's to see
}

}  // namespace metlog
