#include "metlog/internal/emit/ring_set.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "metlog/internal/base/ticks.h"
#include "metlog/internal/emit/producer.h"
#include "metlog/internal/ring/cell.h"

namespace metlog {

std::atomic<RingSet*> g_ring_set{nullptr};
std::atomic<RingSet* (*)()> g_restart_in_child{nullptr};

RingSet::RingSet(const Options& options) : options_(options), owner_pid_(getpid()) {
  prepare_spares();
}

bool RingSet::belongs_to_this_process() const { return getpid() == owner_pid_; }

RingSet::~RingSet() {
  const std::lock_guard lock(mutex_);
  for (const auto& ring : rings_) {
    if (ring->producer == nullptr || ring->producer->ring != ring.get()) continue;
    if (ring->is_orphan.load(std::memory_order_relaxed)) {  // relaxed: no thread is inside a call
      recycle_producer_page(*ring->producer);
    } else {
      std::memset(static_cast<void*>(ring->producer), 0, sizeof(Producer));
    }
  }
}

std::unique_ptr<LiveRing> RingSet::make_ring(unsigned cells_log2) {
  const std::size_t bytes = kRingHeaderBytes + (kCellBytes << cells_log2);
  if (bytes_ + bytes > options_.max_bytes) return nullptr;
  auto memory = std::make_unique<RingMemory>(
      RingPlace{options_.directory_fd, next_index_++, options_.session_id}, cells_log2);
  if (!memory->is_valid()) return nullptr;
  if (!memory->is_file())
    anonymous_count_.fetch_add(1, std::memory_order_relaxed);  // relaxed: a counter
  bytes_ += bytes;
  return std::make_unique<LiveRing>(std::move(memory));
}

std::unique_ptr<LiveRing> RingSet::take_ring(unsigned cells_log2) {
  const auto fits = [&](const auto& ring) { return ring->memory->cells_log2() == cells_log2; };
  const auto spare = std::find_if(spares_.begin(), spares_.end(), fits);
  if (spare == spares_.end()) return make_ring(cells_log2);
  std::unique_ptr<LiveRing> ring = std::move(*spare);
  spares_.erase(spare);
  return ring;
}

void RingSet::attach(LiveRing& ring, Producer& producer) {
  RingHeader& header = ring.memory->header();
  // relaxed: for recovery, which reads it when this process is dead
  header.tid.store(static_cast<std::uint32_t>(syscall(SYS_gettid)), Order::kRelaxed);
  pthread_getname_np(pthread_self(), header.thread_name, sizeof header.thread_name);
  header.start_pos = ring.reader.pos();
  ring.producer = &producer;
  producer.ring = &ring;
  PlainAtomic<std::uint64_t>* const freed =
      &producer.freed[producer.next_freed++ % std::size(producer.freed)];
  ring.reader.serve(freed);
  producer.writer.attach(ring.memory->cells(), ring.memory->cells_log2(), &header.positions, freed,
                         ring.reader.pos());
}

Producer* RingSet::claim() {
  Producer* const producer = take_producer_page();
  if (producer == nullptr) return nullptr;
  const std::lock_guard lock(mutex_);
  std::unique_ptr<LiveRing> ring = take_ring(options_.cells_log2);
  if (ring == nullptr) return nullptr;
  attach(*ring, *producer);
  rings_.push_back(std::move(ring));
  // release: pairs with the acquire in live_rings()
  version_.fetch_add(1, std::memory_order_release);
  return producer;
}

bool RingSet::grow(Producer& producer, std::uint64_t limit_bytes) {
  const std::lock_guard lock(mutex_);
  std::uint64_t own_bytes = 0;
  for (const auto& ring : rings_) {
    if (ring->producer == &producer) own_bytes += ring->memory->bytes();
  }
  LiveRing& full = *producer.ring;
  const unsigned cells_log2 = full.memory->cells_log2() + 1;
  if (own_bytes + kRingHeaderBytes + (kCellBytes << cells_log2) > limit_bytes) return false;
  std::unique_ptr<LiveRing> larger = take_ring(cells_log2);
  if (larger == nullptr) return false;
  larger->follows = &full;
  full.followed_by = larger.get();
  Cell& last = producer.writer.cell_at(producer.writer.pos());
  const Continuation next{larger->memory->header().index, {}};
  last.stamp = steady_ticks();
  std::memcpy(last.args, &next, sizeof next);
  producer.writer.commit_last(
      pack_header(1, 0, static_cast<std::uint64_t>(ControlRecord::kContinuation)));
  attach(*larger, producer);
  rings_.push_back(std::move(larger));
  // release: pairs with the acquire in live_rings()
  version_.fetch_add(1, std::memory_order_release);
  return true;
}

void RingSet::retire(Producer& producer) {
  // release: pairs with the flusher's acquire; all records come before
  producer.ring->is_orphan.store(true, std::memory_order_release);
}

void RingSet::count_unattached(std::uint32_t client) {
  unattached_[client].fetch_add(1, std::memory_order_relaxed);  // relaxed: a counter
}

const std::vector<LiveRing*>& RingSet::live_rings() {
  // acquire: pairs with the releases of claim(), grow() and remove()
  if (version_.load(std::memory_order_acquire) == visible_version_) return visible_;
  const std::lock_guard lock(mutex_);
  visible_version_ = version_.load(std::memory_order_relaxed);  // relaxed: under the mutex
  visible_.clear();
  for (const auto& ring : rings_) visible_.push_back(ring.get());
  return visible_;
}

bool RingSet::is_continued(const LiveRing& ring) const {
  const std::lock_guard lock(mutex_);
  return ring.followed_by != nullptr;
}

void RingSet::harvest(Producer& producer) {
  for (std::size_t client = 0; client < kClientSlots; ++client) {
    // relaxed, all: the thread has ended, and retire() published its last stores
    retired_emitted_[client] += producer.emitted[client].load(Order::kRelaxed);
    for (std::size_t loss = 0; loss < kCallerLossCount; ++loss) {
      retired_lost_[loss][client] += producer.lost[loss][client].load(Order::kRelaxed);
    }
  }
  recycle_producer_page(producer);
}

void RingSet::remove(LiveRing& ring) {
  ring.reader.release_space();
  const std::lock_guard lock(mutex_);
  if (ring.followed_by != nullptr) {
    ring.followed_by->follows = nullptr;
    ring.followed_by = nullptr;
  } else if (ring.producer != nullptr) {
    harvest(*ring.producer);
  }
  ring.producer = nullptr;
  ring.last_utc_ns = 0;
  ring.last_stamp = 0;
  ring.context.clear();
  ring.queue_key = ring.memory->header().index;
  ring.is_orphan.store(false, std::memory_order_relaxed);  // relaxed: under the mutex
  const auto at = std::find_if(rings_.begin(), rings_.end(),
                               [&](const auto& owned) { return owned.get() == &ring; });
  spares_.push_back(std::move(*at));
  rings_.erase(at);
  // release: pairs with the acquire in live_rings()
  version_.fetch_add(1, std::memory_order_release);
}

void RingSet::prepare_spares() {
  const std::lock_guard lock(mutex_);
  const auto is_default_size = [&](const auto& ring) {
    return ring->memory->cells_log2() == options_.cells_log2;
  };
  auto ready =
      static_cast<std::size_t>(std::count_if(spares_.begin(), spares_.end(), is_default_size));
  for (; ready < options_.spare_count; ++ready) {
    std::unique_ptr<LiveRing> ring = make_ring(options_.cells_log2);
    if (ring == nullptr) return;
    spares_.push_back(std::move(ring));
  }
}

std::uint64_t RingSet::emitted(std::uint32_t client) const {
  const std::lock_guard lock(mutex_);
  std::uint64_t sum = retired_emitted_[client] + unattached(client);
  for (const auto& ring : rings_) {
    if (ring->producer == nullptr || ring->producer->ring != ring.get()) continue;
    sum += ring->producer->emitted[client].load(Order::kRelaxed);  // relaxed: a counter
  }
  return sum;
}

std::uint64_t RingSet::lost(CallerLoss loss, std::uint32_t client) const {
  const auto index = static_cast<std::size_t>(loss);
  const std::lock_guard lock(mutex_);
  std::uint64_t sum = retired_lost_[index][client];
  if (loss == CallerLoss::kRingFull) sum += unattached(client);
  for (const auto& ring : rings_) {
    if (ring->producer == nullptr || ring->producer->ring != ring.get()) continue;
    sum += ring->producer->lost[index][client].load(Order::kRelaxed);  // relaxed: a counter
  }
  return sum;
}

std::uint64_t RingSet::unattached(std::uint32_t client) const {
  return unattached_[client].load(std::memory_order_relaxed);  // relaxed: a counter
}

void RingSet::reset_counts(std::uint32_t client) {
  const std::lock_guard lock(mutex_);
  retired_emitted_[client] = 0;
  for (auto& lost : retired_lost_) lost[client] = 0;
  unattached_[client].store(0, std::memory_order_relaxed);  // relaxed: the client is closed
  for (const auto& ring : rings_) {
    if (ring->producer == nullptr || ring->producer->ring != ring.get()) continue;
    ring->producer->emitted[client].store(0, Order::kRelaxed);  // relaxed: as above
    for (auto& lost : ring->producer->lost) lost[client].store(0, Order::kRelaxed);  // as above
  }
}

}  // namespace metlog
