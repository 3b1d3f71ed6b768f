#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "metlog/internal/context/context_text.h"
#include "metlog/internal/emit/producer.h"
#include "metlog/internal/ring/ring_memory.h"
#include "metlog/internal/ring/ring_reader.h"

namespace metlog {

/// A ring with its memory and its reading end.
struct LiveRing {
  explicit LiveRing(std::unique_ptr<RingMemory> mapped)
      : memory(std::move(mapped)),
        reader(memory->cells(), memory->cells_log2(), &memory->header().positions, 0) {}

  std::unique_ptr<RingMemory> memory;
  RingReader reader;                   // the flusher's
  std::int64_t last_utc_ns = 0;        // the flusher's: time never runs back within a thread
  std::uint64_t last_stamp = 0;        // the flusher's: of the record that last_utc_ns is from
  ContextText context;                 // the flusher's: what the thread's next messages carry
  Producer* producer = nullptr;        // guarded by the set's mutex; null while spare
  LiveRing* follows = nullptr;         // read only once that one is done; the flusher's
  LiveRing* followed_by = nullptr;     // set before the continuation record is published
  std::atomic<bool> is_orphan{false};  // its thread has ended
};

/// All rings of the process and the threads' pages that write them. Threads claim, grow and
/// retire; the flusher visits, removes and keeps spares ready. Thread-safe but for what is said
/// to be the flusher's.
class RingSet {
 public:
  struct Options {
    unsigned cells_log2 = 12;                        // 256 KiB
    std::size_t spare_count = 2;                     // ready for threads to come
    std::size_t max_bytes = std::size_t{256} << 20;  // of all rings together
    int directory_fd = -1;                           // see RingPlace
    const std::uint8_t* session_id = nullptr;
  };

  explicit RingSet(const Options& options);
  /// Detaches every thread; none may be inside a call.
  ~RingSet();
  RingSet(const RingSet&) = delete;
  RingSet& operator=(const RingSet&) = delete;

  /// False in a forked child, whose engine must be restarted before anything is claimed.
  [[nodiscard]] bool belongs_to_this_process() const;
  /// A ring for the calling thread, in its page; null when the bound on bytes is reached.
  Producer* claim();
  /// Lets the calling thread go on in a ring of twice the size, if its rings then take at most
  /// `limit_bytes` together.
  bool grow(Producer& producer, std::uint64_t limit_bytes);
  /// The thread of this page ends.
  void retire(Producer& producer);
  /// A call that found no ring at all.
  void count_unplaced(std::uint32_t client);

  /// The flusher's: every ring that may hold records. Valid until the next call.
  const std::vector<LiveRing*>& live_rings();
  /// The flusher's: whether the thread of this ring goes on in another one.
  [[nodiscard]] bool is_continued(const LiveRing& ring) const;
  /// The flusher's: this ring holds nothing more and nobody writes it; keeps it as a spare.
  void remove(LiveRing& ring);
  /// The flusher's: makes spares up to the number asked for.
  void prepare_spares();

  /// Calls of a client so far, and its losses on the callers' side.
  [[nodiscard]] std::uint64_t emitted(std::uint32_t client) const;
  [[nodiscard]] std::uint64_t lost(CallerLoss loss, std::uint32_t client) const;
  [[nodiscard]] std::uint64_t unplaced(std::uint32_t client) const;
  /// Rings whose memory another process could not read after our death.
  [[nodiscard]] std::uint64_t anonymous_count() const { return anonymous_count_; }
  /// Forgets a client's counts, so that its slot can be given to another. The client is closed.
  void reset_counts(std::uint32_t client);

 private:
  std::unique_ptr<LiveRing> make_ring(unsigned cells_log2);
  std::unique_ptr<LiveRing> take_ring(unsigned cells_log2);
  void attach(LiveRing& ring, Producer& producer);
  void harvest(Producer& producer);

  const Options options_;
  const std::int64_t owner_pid_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<LiveRing>> rings_;  // in use
  std::vector<std::unique_ptr<LiveRing>> spares_;
  std::uint32_t next_index_ = 0;
  std::size_t bytes_ = 0;
  std::atomic<std::uint64_t> anonymous_count_{0};
  std::atomic<std::uint64_t> version_{0};  // of rings_
  // Counts of threads that have ended.
  std::uint64_t retired_emitted_[kClientSlots] = {};
  std::uint64_t retired_lost_[kCallerLossCount][kClientSlots] = {};
  std::atomic<std::uint64_t> unplaced_[kClientSlots] = {};

  // The flusher's.
  std::vector<LiveRing*> visible_;
  std::uint64_t visible_version_ = UINT64_MAX;
};

/// The set that calls claim from; null while no engine runs. Stored by the engine.
extern std::atomic<RingSet*> g_ring_set;

/// Gives a forked child an engine of its own and returns its set; null when there is none to
/// restart. Stored by the engine, so that emit/ need not know it.
extern std::atomic<RingSet* (*)()> g_restart_in_child;

}  // namespace metlog
