#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "metlog/internal/base/record_id.h"
#include "metlog/internal/context/context_text.h"
#include "metlog/internal/emit/producer.h"
#include "metlog/internal/ring/ring_memory.h"
#include "metlog/internal/ring/ring_reader.h"
#include "metlog/internal/session/client_accounts.h"

namespace metlog {

/// A ring: its memory, its reader, and what the flusher knows about its thread.
struct LiveRing {
  explicit LiveRing(std::unique_ptr<RingMemory> mapped, const CountsPage::Place& place = {})
      : memory(std::move(mapped)),
        counts(place),
        reader(memory->cells(), memory->cells_log2(), &memory->header().positions, 0),
        queue_key(memory->header().index) {
    set_queue_key(queue_key);
  }

  void set_queue_key(std::size_t key) {
    queue_key = key;
    memory->header().queue_key.store(key, Order::kRelaxed);  // relaxed: for recovery
  }
  /// Forgets what is known of the thread, which has ended.
  void forget_thread() {
    last_utc_ns = 0;
    last_stamp = 0;
    context.clear();
    thread.id = 0;
    memory->keep_context(nullptr, 0);
    set_queue_key(memory->header().index);
  }
  /// Returns the identity of the record that the flusher reads next.
  [[nodiscard]] RecordId next_id() const { return {reader.pos(), memory->header().index}; }

  std::unique_ptr<RingMemory> memory;
  const CountsPage counts;         // of all threads that have written it
  RingReader reader;               // used by the flusher
  std::uint64_t round_begin = 0;   // of the flusher: where the round found the reader
  std::int64_t last_utc_ns = 0;    // of the flusher: runs back only where the clock jumps
  std::uint32_t jumps_before = 0;  // of the flusher: before the record of last_utc_ns
  std::uint64_t last_stamp = 0;    // of the flusher: of the record that last_utc_ns is from
  ContextText context;             // of the flusher: what the thread's next messages carry
  ThreadText thread;               // of the flusher: read with the first record of the thread
  // Of the flusher: selects the connection; a ring that continues another one takes its key, so
  // that all messages of a thread go over one connection.
  std::size_t queue_key;
  Producer* producer = nullptr;        // guarded by the set's mutex; null while spare
  LiveRing* made_before = nullptr;     // guarded by the set's mutex
  LiveRing* follows = nullptr;         // of the flusher: read only once that one is done
  LiveRing* followed_by = nullptr;     // set before the continuation record is published
  std::atomic<bool> is_orphan{false};  // its thread has ended
};

/// All rings of the process and the pages of the threads that write them. Threads claim, grow and
/// retire rings; the flusher visits and removes them and keeps spares ready. Thread-safe, except
/// for the functions that are for the flusher's thread only.
///
/// Nothing is allocated or freed while the mutex is held: the program's allocator may log, and a
/// thread's first call needs the mutex. A call that the allocator makes inside claim() or grow()
/// claims or grows by itself, and the outer one then finds it done.
class RingSet {
 public:
  struct Options {
    unsigned cells_log2 = 12;                        // 256 KiB
    std::size_t spare_count = 2;                     // ready for future threads
    std::size_t max_bytes = std::size_t{256} << 20;  // of all rings together
    int directory_fd = -1;                           // see RingPlace
    const std::uint8_t* session_id = nullptr;
    /// Calls that have filled a quarter of their ring wake a flusher that sleeps long. Else they
    /// make no system call, and so rings have all their memory from the beginning.
    bool wakes_flusher = false;
  };

  explicit RingSet(const Options& options);
  /// Detaches every thread; none may be inside a call.
  ~RingSet();
  RingSet(const RingSet&) = delete;
  RingSet& operator=(const RingSet&) = delete;

  /// False in a forked child, whose engine must be restarted before anything is claimed.
  [[nodiscard]] bool belongs_to_this_process() const;
  /// Gives the calling thread a ring and returns its page; null when max_bytes is reached or the
  /// system refuses memory.
  Producer* claim();
  /// Gives the page, which has none, a spare ring, in a signal handler: waits for nothing,
  /// allocates nothing. False when there is none, or the handler has interrupted the set.
  bool claim_spare(Producer& producer);
  /// Moves the calling thread to a ring of twice the size. False when its rings would then take
  /// more than `limit_bytes` together, or there is no memory.
  bool grow(Producer& producer, std::uint64_t limit_bytes);
  /// Gets memory for a record of `cells` cells in the calling thread's ring, during the ring's
  /// first lap: see RingMemory. False when the system refuses it.
  bool extend(Producer& producer, std::uint64_t cells);
  /// Marks the ring of a thread that ends; the flusher drains and removes it.
  void retire(Producer& producer);
  /// Counts a call of a thread that could not get a ring, and so was lost.
  void count_unattached(std::uint32_t client) { accounts_.of(client).no_ring.add(1); }
  /// Counts a call in a forked child whose flusher could not be started, and so was lost.
  void count_forked(std::uint32_t client) { accounts_.of(client).forked.add(1); }

  /// Returns every ring that may hold records; valid until the next call. Flusher only.
  const std::vector<LiveRing*>& live_rings();
  /// True when the thread of this ring continues in another one. Flusher only.
  [[nodiscard]] bool is_continued(const LiveRing& ring) const;
  /// Keeps an empty ring that no thread writes as a spare. Flusher only.
  void remove(LiveRing& ring);
  /// Gets the memory that calls will need soon: for the rings in their first lap, and for spares up
  /// to Options::spare_count. Flusher only.
  void prepare_memory();

  /// Calls of a client so far, and its losses on the calling threads that have a ring.
  [[nodiscard]] std::uint64_t emitted(std::uint32_t client) const;
  [[nodiscard]] std::uint64_t lost(CallerLoss loss, std::uint32_t client) const;
  /// Calls of a client that were lost because their thread had no ring.
  [[nodiscard]] std::uint64_t unattached(std::uint32_t client) const {
    return accounts_.calls_of(client).no_ring.load(Order::kRelaxed);  // relaxed: a counter
  }
  /// The same because no flusher could be started in this forked child.
  [[nodiscard]] std::uint64_t forked(std::uint32_t client) const {
    return accounts_.calls_of(client).forked.load(Order::kRelaxed);  // relaxed: a counter
  }
  /// Rings that no other process can read after our death.
  [[nodiscard]] std::uint64_t anonymous_count() const {
    return anonymous_count_.load(std::memory_order_relaxed);  // relaxed: a counter
  }
  /// Clears the counts of a closed client, so that another one can have its slot.
  void clear_counts(std::uint32_t client);
  [[nodiscard]] ClientAccounts& accounts() { return accounts_; }
  [[nodiscard]] const ClientAccounts& accounts() const { return accounts_; }

 private:
  // One ring, or none. The list's node is made with the ring, so that moving it allocates nothing.
  using OneRing = std::list<LiveRing>;
  OneRing make_ring(unsigned cells_log2);
  OneRing take_spare(unsigned min_cells_log2, unsigned max_cells_log2);
  OneRing take_or_make(unsigned cells_log2);
  bool reserve_bytes(std::size_t bytes);
  [[nodiscard]] std::uint64_t bytes_of(const Producer& producer) const;
  void keep_spare(OneRing ring);
  void attach(OneRing& ring, Producer& producer);
  /// Calls `use` with the counts of every ring.
  template <class F>
  void for_all_counts(F use) const {
    const std::lock_guard lock(mutex_);
    for (const LiveRing* ring = made_; ring != nullptr; ring = ring->made_before) {
      const bool is_shown = ring->producer != nullptr && ring->producer->ring == ring;
      use(is_shown ? ring->producer->counts : ring->counts.counts());
    }
  }

  const Options options_;
  const std::int64_t owner_pid_;
  mutable std::mutex mutex_;
  std::list<LiveRing> rings_;  // in use
  std::list<LiveRing> spares_;
  LiveRing* made_ = nullptr;  // the last one; they stay as long as this
  std::atomic<std::uint32_t> next_index_{0};
  std::atomic<std::size_t> bytes_{0};  // of all rings
  std::atomic<std::uint64_t> anonymous_count_{0};
  std::atomic<std::uint64_t> version_{0};  // of rings_
  ClientAccounts accounts_;

  // Used by the flusher's thread.
  std::vector<LiveRing*> visible_;
  std::uint64_t visible_version_ = UINT64_MAX;
};

/// Counts a call that did not get into the ring of its thread, at this time.
void count_caller_loss(Producer& producer, CallerLoss loss, std::uint32_t client,
                       std::uint64_t stamp);

/// Claims a ring that is no thread's, for SignalScope; on `page`, whose ring is gone, or on a new
/// one if that is null. Null when there is no memory.
Producer* claim_for_nobody(RingSet& rings, Producer* page);

/// Does so in a signal handler: see RingSet::claim_spare(). Returns the page, without a ring if
/// there is none; null when there is no memory for it.
Producer* claim_in_handler(RingSet& rings, Producer* page);

/// The set that calls claim rings from; null while no engine runs. Stored by the engine.
extern std::atomic<RingSet*> g_ring_set;

/// Starts a new engine in a forked child and returns its set; null when there was no engine, or
/// when the system refuses its threads: then a call of the client is lost and counted. Tries that
/// again once a second. Stored by the engine, so that emit/ need not know it.
extern std::atomic<RingSet* (*)(std::uint32_t client)> g_restart_in_child;

}  // namespace metlog
