#include "metlog/internal/ring/ring_memory.h"

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "metlog/internal/base/signal_block.h"

namespace metlog {
namespace {

// With the header's page, the thread's own and that of its counts, what a thread keeps that logs
// once: 20 KiB.
constexpr std::uint64_t kFirstCells = (12288 - kRingHeaderBytes) / kCellBytes;
// Parts of 64 KiB, in larger rings a quarter of what there is: a call that has to wait for one
// waits for some 10 to 50 us.
constexpr std::uint64_t kLeastPart = 65536 / kCellBytes;
constexpr std::uint64_t kPageCells = 4096 / kCellBytes;

constexpr std::size_t bytes_of(std::uint64_t cells) {
  return kRingHeaderBytes + cells * kCellBytes;
}

MappedMemory map_ring(const RingPlace& place, std::uint64_t capacity) {
  char name[32];
  std::snprintf(name, sizeof name, "r%03u.ring", place.index);
  const std::uint64_t first = place.is_whole ? capacity : std::min(kFirstCells, capacity);
  return {{place.directory_fd, name}, bytes_of(capacity), bytes_of(first)};
}

}  // namespace

RingMemory::RingMemory(const RingPlace& place, unsigned cells_log2)
    : cells_log2_(cells_log2), memory_(map_ring(place, capacity())), file_error_(memory_.error()) {
  if (!is_valid()) return;
  // relaxed, all: no other thread knows the ring
  is_file_.store(memory_.is_file(), std::memory_order_relaxed);
  ready_cells_.store(memory_.is_whole() ? capacity() : std::min(kFirstCells, capacity()),
                     std::memory_order_relaxed);
  RingHeader& ring = header();
  ring.abi = kRingAbi;
  ring.header_bytes = kRingHeaderBytes;
  ring.cell_bytes = kCellBytes;
  ring.cells_log2 = cells_log2;
  ring.index = place.index;
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  ring.created_ns = static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
  if (is_file()) ring.file_cells.store(ready_cells(), Order::kRelaxed);
  if (place.session_id != nullptr) std::memcpy(ring.session, place.session_id, 16);
  ring.magic = kRingMagic;
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
  const int error = memory_.populate(bytes_of(ready_cells()), bytes_of(next));
  if (error != 0 && is_file()) {
    if (!memory_.replace_rest(bytes_of(ready_cells()))) return false;
    (void)memory_.populate(bytes_of(ready_cells()), bytes_of(next));
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

void RingMemory::keep_context(const unsigned char* bytes, std::size_t size) {
  RingHeader& ring = header();
  // release, both: for a process that reads the file after our death. In between there is no
  // context, but the record itself is still to be drained then.
  ring.context_bytes.store(0, Order::kRelease);
  const std::size_t kept = std::min(size, sizeof ring.context);
  if (kept != 0) std::memcpy(ring.context, bytes, kept);
  ring.context_bytes.store(kept, Order::kRelease);
}

void RingMemory::prepare_extension(std::uint64_t used) {
  const std::uint64_t ready = ready_cells();
  if (ready == capacity() || used < ready / 2 || prepared_cells_ > ready) return;
  prepared_cells_ = next_ready(ready);
  // An error is the writer's to see.
  (void)memory_.populate(bytes_of(ready), bytes_of(prepared_cells_));
}

}  // namespace metlog
