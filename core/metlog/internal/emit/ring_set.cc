#include "metlog/internal/emit/ring_set.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstring>
#include <iterator>
#include <utility>

#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/base/signal_block.h"
#include "metlog/internal/base/ticks.h"
#include "metlog/internal/emit/producer.h"
#include "metlog/internal/ring/cell.h"

namespace metlog {

std::atomic<RingSet*> g_ring_set{nullptr};
std::atomic<RingSet* (*)(std::uint32_t)> g_restart_in_child{nullptr};

namespace {

void say_anonymous(const char* reason) {
  static constinit DiagnosticLimit limit;
  diagnose_seldom(limit,
                  "a ring is in anonymous memory, so its messages are lost if the process "
                  "is killed: the session's file system refused its file, or a part of it: %s; see "
                  "EngineOptions::session_directory and max_ring_bytes",
                  reason);
}

}  // namespace

RingSet::RingSet(const Options& options)
    : options_(options), owner_pid_(getpid()), accounts_(options.directory_fd, options.session_id) {
  prepare_memory();
}

bool RingSet::belongs_to_this_process() const { return getpid() == owner_pid_; }

RingSet::~RingSet() {
  const std::lock_guard lock(mutex_);
  for (const LiveRing& ring : rings_) {
    if (ring.producer == nullptr || ring.producer->ring != &ring) continue;
    if (ring.is_orphan.load(std::memory_order_relaxed)) {  // relaxed: no thread is inside a call
      recycle_producer_page(*ring.producer);
    } else {
      ring.producer->wipe();
    }
  }
}

bool RingSet::reserve_bytes(std::size_t bytes) {
  // relaxed, both: a number; no data hangs on it
  std::size_t before = bytes_.load(std::memory_order_relaxed);
  do {
    if (before + bytes > options_.max_bytes) return false;
  } while (!bytes_.compare_exchange_weak(before, before + bytes, std::memory_order_relaxed));
  return true;
}

RingSet::OneRing RingSet::make_ring(unsigned cells_log2) {
  const std::size_t bytes = kRingHeaderBytes + (kCellBytes << cells_log2);
  if (!reserve_bytes(bytes)) return {};
  // relaxed, all: numbers
  const std::uint32_t index = next_index_.fetch_add(1, std::memory_order_relaxed);
  auto memory = std::make_unique<RingMemory>(
      RingPlace{options_.directory_fd, index, options_.session_id, !options_.wakes_flusher},
      cells_log2);
  if (!memory->is_valid()) {
    bytes_.fetch_sub(bytes, std::memory_order_relaxed);
    return {};
  }
  if (!memory->is_file()) {
    anonymous_count_.fetch_add(1, std::memory_order_relaxed);
    if (memory->file_error() != 0) say_anonymous(std::strerror(memory->file_error()));
  }
  OneRing made;
  made.emplace_back(std::move(memory),
                    CountsPage::Place{options_.directory_fd, index, options_.session_id});
  if (!made.front().counts.is_valid()) {
    bytes_.fetch_sub(bytes, std::memory_order_relaxed);
    return {};
  }
  const std::lock_guard lock(mutex_);
  made.front().made_before = std::exchange(made_, &made.front());
  return made;
}

RingSet::OneRing RingSet::take_spare(unsigned min_cells_log2, unsigned max_cells_log2) {
  const auto fits = [&](const LiveRing& ring) {
    return ring.memory->cells_log2() >= min_cells_log2 &&
           ring.memory->cells_log2() <= max_cells_log2;
  };
  OneRing taken;
  const std::lock_guard lock(mutex_);
  const auto spare = std::find_if(spares_.begin(), spares_.end(), fits);
  if (spare != spares_.end()) taken.splice(taken.begin(), spares_, spare);
  return taken;
}

RingSet::OneRing RingSet::take_or_make(unsigned cells_log2) {
  OneRing ring = take_spare(cells_log2, cells_log2);
  if (ring.empty()) ring = make_ring(cells_log2);
  // A larger one, which a thread that has ended grew, may be what uses max_bytes up.
  if (ring.empty()) ring = take_spare(cells_log2, UINT_MAX);
  return ring;
}

void RingSet::keep_spare(OneRing ring) {
  const std::lock_guard lock(mutex_);
  spares_.splice(spares_.end(), ring);
}

// The first ring of a list: it is in use from now on.
void RingSet::attach(OneRing& list, Producer& producer) {
  LiveRing& ring = list.front();
  RingHeader& header = ring.memory->header();
  // relaxed: for recovery, which reads it when this process is dead
  header.tid.store(static_cast<std::uint32_t>(syscall(SYS_gettid)), Order::kRelaxed);
  pthread_getname_np(pthread_self(), header.thread_name, sizeof header.thread_name);
  header.start_pos = ring.reader.pos();
  ring.producer = &producer;
  // (1) release: pairs with (2) in RingDamage
  std::atomic_ref(producer.ring).store(&ring, std::memory_order_release);
  PlainAtomic<std::uint64_t>* const freed =
      &producer.freed[producer.next_freed++ % std::size(producer.freed)];
  ring.reader.serve(freed);
  // relaxed: stored before any ring is claimed
  producer.writer.set_wakes(options_.wakes_flusher, g_wake_severity.load(Order::kRelaxed) >= 0);
  producer.writer.attach(ring.memory->cells(), ring.memory->cells_log2(), &header.positions, freed,
                         ring.reader.pos());
  producer.writer.set_ready(ring.memory->ready_cells());
  rings_.splice(rings_.end(), list, list.begin());
  // release: pairs with the acquire in live_rings()
  version_.fetch_add(1, std::memory_order_release);
}

Producer* RingSet::claim() {
  // A handler must neither log meanwhile nor jump away: every thread's first call needs the mutex.
  const AllSignalsBlock quiet;
  Producer* const producer = take_producer_page();
  if (producer == nullptr) return nullptr;
  OneRing ring = take_or_make(options_.cells_log2);
  const bool has_logged = producer->writer.is_attached();  // the allocator
  if (has_logged || ring.empty() || !ring.front().counts.show_at(producer->counts)) {
    keep_spare(std::move(ring));
    return has_logged ? producer : nullptr;
  }
  const std::lock_guard lock(mutex_);
  attach(ring, *producer);
  return producer;
}

bool RingSet::claim_spare(Producer& producer) {
  const AllSignalsBlock quiet;  // as in claim()
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock() || spares_.empty()) return false;
  if (!spares_.front().counts.show_at(producer.counts)) return false;
  attach(spares_, producer);
  return true;
}

std::uint64_t RingSet::bytes_of(const Producer& producer) const {
  const std::lock_guard lock(mutex_);
  std::uint64_t bytes = 0;
  for (const LiveRing& ring : rings_) {
    if (ring.producer == &producer) bytes += ring.memory->bytes();
  }
  return bytes;
}

bool RingSet::extend(Producer& producer, std::uint64_t cells) {
  RingMemory& memory = *producer.ring->memory;
  const bool was_file = memory.is_file();
  if (!memory.extend(producer.writer.ready_for(cells))) return false;
  producer.writer.set_ready(memory.ready_cells());
  if (was_file && !memory.is_file()) {
    anonymous_count_.fetch_add(1, std::memory_order_relaxed);  // relaxed: a counter
    say_anonymous(std::strerror(memory.file_error()));
  }
  return true;
}

bool RingSet::grow(Producer& producer, std::uint64_t limit_bytes) {
  if (!producer.writer.is_ready_for(1)) return false;  // not full: it gets no memory
  LiveRing& full = *producer.ring;
  const unsigned cells_log2 = full.memory->cells_log2() + 1;
  const std::size_t bytes_more = kRingHeaderBytes + (kCellBytes << cells_log2);
  // Every call comes here that finds a ring full which must not grow: no lock, no system call.
  if (full.memory->bytes() + bytes_more > limit_bytes) return false;
  const AllSignalsBlock quiet;  // as in claim()
  if (cells_log2 > kLargestRingLog2 || bytes_of(producer) + bytes_more > limit_bytes) return false;
  OneRing made = take_spare(cells_log2, cells_log2);
  if (made.empty()) made = make_ring(cells_log2);
  if (made.empty() || producer.ring != &full) {
    keep_spare(std::move(made));
    return producer.ring != &full;  // the allocator has logged
  }
  LiveRing& larger = made.front();
  const std::lock_guard lock(mutex_);
  if (!larger.counts.show_at(producer.counts)) {
    (void)full.counts.show_at(producer.counts);
    spares_.splice(spares_.end(), made);
    return false;
  }
  larger.follows = &full;
  full.followed_by = &larger;
  Cell& last = producer.writer.cell_at(producer.writer.pos());
  const Continuation next{larger.memory->header().index, {}};
  last.stamp = steady_ticks();
  std::memcpy(last.args, &next, sizeof next);
  producer.writer.commit_last(
      pack_header(1, 0, static_cast<std::uint64_t>(ControlRecord::kContinuation)));
  attach(made, producer);
  return true;
}

void RingSet::retire(Producer& producer) {
  // release: pairs with the flusher's acquire; all records come before
  producer.ring->is_orphan.store(true, std::memory_order_release);
}

void count_caller_loss(Producer& producer, CallerLoss loss, std::uint32_t client,
                       std::uint64_t stamp) {
  const auto index = static_cast<std::size_t>(loss);
  const LossTally& tally = producer.pending[index][client];
  const bool is_first = tally.count == 0 || tally.generation != generation_of(client);
  if (!producer.counts.count_loss(loss, client, stamp, is_first)) {
    // acquire: pairs with the engine's release when it installs the set
    RingSet* const rings = g_ring_set.load(std::memory_order_acquire);
    if (rings != nullptr) rings->accounts().of(client).unlisted[index].add(1);
  }
  RingHeader& header = producer.ring->memory->header();
  (loss == CallerLoss::kRingFull ? header.lost_full : header.lost_too_big).add_by_owner(1);
}

const std::vector<LiveRing*>& RingSet::live_rings() {
  // acquire: pairs with the releases of claim(), grow() and remove()
  if (version_.load(std::memory_order_acquire) == visible_version_) return visible_;
  for (std::size_t room = 64;; room *= 2) {
    visible_.clear();
    visible_.reserve(room);
    const std::lock_guard lock(mutex_);
    if (rings_.size() > visible_.capacity()) continue;
    visible_version_ = version_.load(std::memory_order_relaxed);  // relaxed: under the mutex
    for (LiveRing& ring : rings_) visible_.push_back(&ring);
    return visible_;
  }
}

bool RingSet::is_continued(const LiveRing& ring) const {
  const std::lock_guard lock(mutex_);
  return ring.followed_by != nullptr;
}

void RingSet::remove(LiveRing& ring) {
  ring.reader.release_space();
  const std::lock_guard lock(mutex_);
  if (ring.followed_by != nullptr) {
    ring.followed_by->follows = nullptr;
    ring.followed_by = nullptr;
  } else if (ring.producer != nullptr) {
    recycle_producer_page(*ring.producer);
  }
  ring.producer = nullptr;
  ring.forget_thread();
  ring.is_orphan.store(false, std::memory_order_relaxed);  // relaxed: under the mutex
  const auto at = std::find_if(rings_.begin(), rings_.end(),
                               [&](const LiveRing& each) { return &each == &ring; });
  spares_.splice(spares_.end(), rings_, at);
  // release: pairs with the acquire in live_rings()
  version_.fetch_add(1, std::memory_order_release);
}

void RingSet::prepare_memory() {
  for (LiveRing* const ring : live_rings()) ring->memory->prepare_extension(ring->reader.pos());
  const auto is_default_size = [&](const LiveRing& ring) {
    return ring.memory->cells_log2() == options_.cells_log2;
  };
  for (std::size_t made = 0; made < options_.spare_count; ++made) {
    {
      const std::lock_guard lock(mutex_);
      const auto ready = std::count_if(spares_.begin(), spares_.end(), is_default_size);
      if (static_cast<std::size_t>(ready) >= options_.spare_count) return;
    }
    OneRing ring = make_ring(options_.cells_log2);
    if (ring.empty()) return;
    keep_spare(std::move(ring));
  }
}

std::uint64_t RingSet::emitted(std::uint32_t client) const {
  std::uint64_t sum = unattached(client) + forked(client);
  for_all_counts([&, calls = accounts_.slot_of_calls(client)](const ThreadCounts& counts) {
    sum += counts.emitted[calls].load(Order::kAcquire);  // pairs with add_by_owner()
  });
  return sum;
}

std::uint64_t RingSet::lost(CallerLoss loss, std::uint32_t client) const {
  const std::uint32_t calls = accounts_.slot_of_calls(client);
  // relaxed: a counter
  std::uint64_t sum =
      accounts_.of(calls).unlisted[static_cast<std::size_t>(loss)].load(Order::kRelaxed);
  for_all_counts([&](const ThreadCounts& counts) { sum += counts.lost(loss, calls); });
  return sum;
}

void RingSet::clear_counts(std::uint32_t client) {
  for_all_counts([client](ThreadCounts& counts) { counts.reset(client); });
}

}  // namespace metlog
