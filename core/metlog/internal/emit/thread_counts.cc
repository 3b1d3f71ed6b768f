#include "metlog/internal/emit/thread_counts.h"

#include <fcntl.h>
#include <sys/mman.h>

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

// Null when the file is refused. All of it is allocated, or a store could raise SIGBUS.
void* map_file(const CountsPage::Place& place) {
  if (place.directory_fd < 0) return nullptr;
  char name[32];
  std::snprintf(name, sizeof name, "r%03u.counts", place.index);
  keep_standard_descriptors();
  const ScopedSignalBlock quiet;  // of SIGXFSZ, above the process's limit for files
  const UniqueFd fd(
      openat(place.directory_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.is_open()) return nullptr;
  void* const mapped =
      posix_fallocate(fd.get(), 0, sizeof(ThreadCounts)) == 0
          ? mmap(nullptr, sizeof(ThreadCounts), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0)
          : MAP_FAILED;
  if (mapped != MAP_FAILED) return mapped;
  unlinkat(place.directory_fd, name, 0);
  return nullptr;
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
  void* mapped = map_file(place);
  if (mapped == nullptr) {
    // Shared, or it could not be mapped twice.
    mapped = mmap(nullptr, sizeof(ThreadCounts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                  -1, 0);
  }
  if (mapped != MAP_FAILED) counts_ = static_cast<ThreadCounts*>(mapped);
}

CountsPage::~CountsPage() {
  if (counts_ != nullptr) munmap(counts_, sizeof *counts_);
}

bool CountsPage::show_at(ThreadCounts& window) const {
  // Of no bytes: a second mapping of the same page.
  void* const shown = mremap(static_cast<void*>(counts_), 0, sizeof window,
                             MREMAP_MAYMOVE | MREMAP_FIXED, static_cast<void*>(&window));
  if (shown != MAP_FAILED) {
    window.abi = kCountsAbi;
    window.ring = place_.index;
    if (place_.session_id != nullptr) std::memcpy(window.session, place_.session_id, 16);
    window.magic = kCountsMagic;
    return true;
  }
  (void)mmap(static_cast<void*>(&window), sizeof window, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  return false;
}

}  // namespace metlog
