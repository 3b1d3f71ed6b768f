#include "metlog/internal/emit/thread_counts.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstring>

#include "metlog/internal/base/signal_block.h"
#include "metlog/internal/base/standard_descriptors.h"
#include "metlog/internal/base/unique_fd.h"

namespace metlog {
namespace {

std::uint64_t key_of(CallerLoss loss, std::uint32_t client) {
  return 1 + std::uint64_t{client} * kCallerLossCount + static_cast<std::uint64_t>(loss);
}

constexpr int kReadWrite = PROT_READ | PROT_WRITE;

UniqueFd open_file(const CountsPage::Place& place, int flags) {
  char name[32];
  std::snprintf(name, sizeof name, "r%03u.counts", place.index);
  keep_standard_descriptors();
  return UniqueFd(openat(place.directory_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600));
}

ino_t inode_of(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

// Null when the file is refused. All of it is allocated, or a store could raise SIGBUS.
void* map_file(const CountsPage::Place& place, ino_t& inode) {
  if (place.directory_fd < 0) return nullptr;
  const ScopedSignalBlock quiet;  // of SIGXFSZ, above the process's limit for files
  const UniqueFd fd = open_file(place, O_CREAT | O_EXCL);
  if (!fd.is_open()) return nullptr;
  void* const mapped =
      posix_fallocate(fd.get(), 0, sizeof(ThreadCounts)) == 0
          ? mmap(nullptr, sizeof(ThreadCounts), kReadWrite, MAP_SHARED, fd.get(), 0)
          : MAP_FAILED;
  if (mapped != MAP_FAILED) {
    inode = inode_of(fd.get());
    return mapped;
  }
  char name[32];
  std::snprintf(name, sizeof name, "r%03u.counts", place.index);
  unlinkat(place.directory_fd, name, 0);
  return nullptr;
}

// A second mapping of the same page: of no bytes. Not everywhere: valgrind, and kernels that are
// emulated, refuse it.
bool map_twice(void* page, void* at) {
  return mremap(page, 0, sizeof(ThreadCounts), MREMAP_MAYMOVE | MREMAP_FIXED, at) != MAP_FAILED;
}

bool can_map_twice() {
  static const bool can = [] {
    constexpr std::size_t kBytes = sizeof(ThreadCounts);
    void* const pages = mmap(nullptr, 2 * kBytes, kReadWrite, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) return true;
    const bool twice = map_twice(pages, static_cast<char*>(pages) + kBytes);
    munmap(pages, 2 * kBytes);
    return twice;
  }();
  return can;
}

}  // namespace

const ThreadCounts::Loss* ThreadCounts::find(CallerLoss loss, std::uint32_t client) const {
  const std::uint64_t key = key_of(loss, client);
  for (std::size_t i = 0; i < kLosses; ++i) {
    const Loss& entry = losses[(key + i) % kLosses];
    const std::uint64_t found = entry.key.load(Order::kRelaxed);  // relaxed: entries stay
    if (found == key) return &entry;
    if (found == 0) return nullptr;
  }
  return nullptr;
}

bool ThreadCounts::count_loss(CallerLoss loss, std::uint32_t client, std::uint64_t stamp,
                              bool is_first) {
  const std::uint64_t key = key_of(loss, client);
  for (std::size_t i = 0; i < kLosses; ++i) {
    Loss& entry = losses[(key + i) % kLosses];
    const std::uint64_t found = entry.key.load(Order::kRelaxed);  // relaxed: own store
    if (found != key && found != 0) continue;
    // relaxed, all: own counts, on which no other data depends
    if (found == 0) entry.key.store(key, Order::kRelaxed);
    if (is_first) entry.first_stamp.store(stamp, Order::kRelaxed);
    entry.last_stamp.store(stamp, Order::kRelaxed);
    entry.count.add_by_owner(1);
    return true;
  }
  return false;
}

void ThreadCounts::reset(std::uint32_t client) {
  emitted[client].store(0, Order::kRelaxed);  // relaxed, both: the client is closed
  for (std::size_t loss = 0; loss < kCallerLossCount; ++loss) {
    const Loss* const entry = find(static_cast<CallerLoss>(loss), client);
    if (entry != nullptr) const_cast<Loss*>(entry)->count.store(0, Order::kRelaxed);
  }
}

CountsPage::CountsPage(const Place& place) : place_(place) {
  void* mapped = map_file(place, inode_);
  is_file_ = mapped != nullptr;
  if (!is_file_) {
    if (!can_map_twice()) {
      nameless_ = UniqueFd(memfd_create("metlog-counts", MFD_CLOEXEC));
      if (ftruncate(nameless_.get(), sizeof(ThreadCounts)) != 0) return;
      inode_ = inode_of(nameless_.get());
    }
    mapped = mmap(nullptr, sizeof(ThreadCounts), kReadWrite,
                  MAP_SHARED | (nameless_.is_open() ? 0 : MAP_ANONYMOUS), nameless_.get(), 0);
  }
  if (mapped != MAP_FAILED) counts_ = static_cast<ThreadCounts*>(mapped);
}

CountsPage::~CountsPage() {
  if (counts_ != nullptr) munmap(counts_, sizeof *counts_);
}

bool CountsPage::map_again_at(ThreadCounts& window) const {
  const UniqueFd file = is_file_ ? open_file(place_, 0) : UniqueFd();
  const int fd = is_file_ ? file.get() : nameless_.get();
  // The program may have closed all descriptors, and this number may be another file's.
  return inode_of(fd) == inode_ && mmap(static_cast<void*>(&window), sizeof window, kReadWrite,
                                        MAP_SHARED | MAP_FIXED, fd, 0) != MAP_FAILED;
}

bool CountsPage::show_at(ThreadCounts& window) const {
  if (map_twice(counts_, &window) || map_again_at(window)) {
    window.abi = kCountsAbi;
    window.ring = place_.index;
    if (place_.session_id != nullptr) std::memcpy(window.session, place_.session_id, 16);
    window.magic = kCountsMagic;
    return true;
  }
  (void)mmap(static_cast<void*>(&window), sizeof window, kReadWrite,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  return false;
}

}  // namespace metlog
