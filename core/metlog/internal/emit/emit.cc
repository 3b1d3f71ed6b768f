#include "metlog/internal/emit/emit.h"

#include <sched.h>
#include <time.h>

#include <algorithm>
#include <cstring>

#include "metlog/internal/base/copy_bytes.h"
#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/base/ticks.h"
#include "metlog/internal/context/context_text.h"
#include "metlog/internal/context/thread_context.h"
#include "metlog/internal/emit/flusher_wakeup.h"
#include "metlog/internal/emit/ring_set.h"
#include "metlog/internal/emit/signal_scope.h"
#include "metlog/internal/emit/writer_hold.h"
#include "metlog/internal/ring/record_bytes.h"
#include "metlog/internal/site/site_registry.h"
#include "metlog/loss.h"

namespace metlog {
namespace {

// Publishes a record of several cells on the hot path, and counts it.
void publish_record(Cell* first, std::uint64_t cells, const RecordOrigin& origin) {
  Producer* const producer = t_producer;
  first->stamp = origin.stamp;
  producer->counts.emitted[origin.client].add_by_owner(1);
  producer->writer.publish_cells(first, cells, pack_header(cells, origin.client, origin.site));
}

}  // namespace

Cell* try_reserve_record(std::size_t arg_bytes, Priority priority) {
  const std::uint64_t cells = record_cells(arg_bytes);
  if (cells > RingWriter::kHotCells) return nullptr;
  return t_producer->writer.try_reserve_cells(cells, priority);
}

void publish_two_cells(Cell* first, const RecordOrigin& origin, const char* rest,
                       std::size_t size) {
  if (size > kNextCellArgBytes) __builtin_unreachable();  // else the copy could become a call
  copy_bytes(reinterpret_cast<unsigned char*>(first + 1) + offsetof(Cell, stamp), rest, size);
  publish_record(first, 2, origin);
}

void emit_pieces(Cell* first, const RecordOrigin& origin, const RecordPieces& record) {
  if (first == nullptr) return emit_record(origin, record);
  unsigned char* at = first->args + record.pieces[0].size;
  for (std::size_t i = 1; i < record.piece_count; ++i) {
    at = put_spanning(at, record.pieces[i].at, record.pieces[i].size);
  }
  publish_record(first, record_cells(record.total_bytes), origin);
}

namespace {

// When a call was lost. The flusher never sees the call, so it cannot supply the time.
std::uint64_t time_of(const RecordOrigin& origin) {
  return origin.stamp != kNoStamp ? origin.stamp : steady_ticks();
}

// The loss goes into the ring as a mark as soon as there is room, at the place where the messages
// are missing: close_fast_path() sends the next call to the cold path, which writes it.
void add_pending_loss(Producer& producer, CallerLoss loss, const RecordOrigin& origin) {
  LossTally& tally = producer.pending[static_cast<std::size_t>(loss)][origin.client];
  const std::uint32_t generation = generation_of(origin.client);
  if (tally.generation != generation) {
    producer.pending_count -= tally.count;
    tally = {};
  }
  const std::uint64_t now = time_of(origin);
  if (tally.count++ == 0) tally.first_stamp = now;
  tally.generation = generation;
  tally.last_stamp = now;
  ++producer.pending_count;
  producer.writer.close_fast_path();
}

void write_mark(Producer& producer, std::uint32_t client, const LossMark& mark) {
  const Bytes piece{&mark, sizeof mark};
  fill_record(producer.writer, mark.last_stamp, {&piece, 1, sizeof mark});
  producer.writer.commit(1,
                         pack_header(1, client, static_cast<std::uint64_t>(ControlRecord::kLoss)));
}

// True when there is room for a record. In a ring's first lap it may get memory for that; a ring
// that gets none is like a full one.
bool has_room(Producer& producer, std::uint64_t cells, Priority priority) {
  if (!producer.writer.is_ready_for(cells)) {
    // acquire: pairs with the engine's release when it installs the set
    RingSet* const rings = g_ring_set.load(std::memory_order_acquire);
    if (rings == nullptr || !rings->extend(producer, cells)) return false;
  }
  return producer.writer.try_make_room(cells, priority);
}

// Marks may take the cells that the call itself may take: those of normal calls must not fill the
// cells that are reserved for high priority.
void write_pending_marks(Producer& producer, Priority priority) {
  // Asked first: a call that is dropped must not search the tallies of all clients.
  if (!has_room(producer, 1, priority)) return producer.writer.close_fast_path();
  for (std::size_t loss = 0; loss < kCallerLossCount; ++loss) {
    for (std::uint32_t client = 0; client < kClientSlots; ++client) {
      LossTally& tally = producer.pending[loss][client];
      if (tally.count == 0) continue;
      if (tally.generation != generation_of(client)) {
        producer.pending_count -= tally.count;
        tally = {};
        continue;
      }
      if (!has_room(producer, 1, priority)) {
        producer.writer.close_fast_path();
        return;
      }
      LossMark mark{};
      mark.count = tally.count;
      mark.first_stamp = tally.first_stamp;
      mark.last_stamp = tally.last_stamp;
      mark.reason = static_cast<std::uint8_t>(reason_of(static_cast<CallerLoss>(loss)));
      write_mark(producer, client, mark);
      producer.pending_count -= tally.count;
      tally = {};
    }
  }
  producer.pending_count = 0;  // also after a jump out of a signal handler between those two lines
}

// docs/ring.md: one cell of a ring of 64 is reserved, and an eighth is for high priority.
constexpr std::uint64_t kSmallestRing = 64;
static_assert(record_cells(kMaxContextRecordBytes) < kSmallestRing - 1 - kSmallestRing / 8);

std::uint64_t id_of(const ContextSnapshot* contents) {
  return contents != nullptr ? contents->id() : 0;
}

bool has_changed_context(const Producer& producer) {
  return !SignalScope::is_here() && producer.published_context != id_of(thread_context());
}

// Writes the thread's context into the ring, as a control record before the record of a call, which
// takes `cells` cells. False when there is no room; the next call then tries again.
bool try_publish_context(Producer& producer, const RecordOrigin& origin, std::uint64_t cells) {
  const ContextSnapshot* const contents = thread_context();
  const std::string_view bytes = contents != nullptr ? contents->bytes() : std::string_view();
  const std::uint64_t own_cells = record_cells(bytes.size());
  // Asks for room for the call too, or the contexts of dropped calls would fill the ring; unless
  // no ring of this size has that much.
  const std::uint64_t both = std::min(own_cells + cells, producer.writer.largest_record());
  if (!has_room(producer, both, origin.priority)) {
    producer.writer.close_fast_path();  // a signal handler may log before the caller has decided
    return false;
  }
  const Bytes piece{bytes.data(), bytes.size()};
  fill_record(producer.writer, origin.stamp, {&piece, bytes.empty() ? 0U : 1U, bytes.size()});
  const auto kind = contents != nullptr ? ControlRecord::kContextSet : ControlRecord::kContextClear;
  producer.writer.commit(own_cells, pack_header(own_cells, 0, static_cast<std::uint64_t>(kind)));
  producer.published_context = id_of(contents);
  return true;
}

// Makes room for the record of a call and writes the control records that must come before it: the
// pending loss marks, at the place of what is missing, and then the context of the call.
bool try_make_room(Producer& producer, const RecordOrigin& origin, std::uint64_t cells) {
  if (producer.pending_count != 0) write_pending_marks(producer, origin.priority);
  if (producer.pending_count != 0) return false;
  if (has_changed_context(producer) && !try_publish_context(producer, origin, cells)) {
    return false;
  }
  return has_room(producer, cells, origin.priority);
}

WhenFull policy_of(std::uint32_t client) {
  // relaxed: a switch
  return static_cast<WhenFull>(g_client_policies[client].when_full.load(Order::kRelaxed));
}

// Waits until `is_done` returns true, for a client that blocks. False when it does not block any
// more, since it is being closed, or when the calling thread is the flusher's, which alone can make
// room. Signal handlers may log meanwhile, into `held` too, which may be null.
template <class IsDone>
bool block_until(std::uint32_t client, RingWriter* held, IsDone is_done) {
  // The flusher frees a quarter of the ring at a time, some 10 us of its work.
  constexpr timespec kNap{0, 20'000};
  if (FlusherThread::is_here()) return false;
  for (unsigned round = 0; policy_of(client) == WhenFull::kBlock; ++round) {
    if (is_done()) return true;
    wake_flusher();
    const HoldPause pause(held);
    (void)(round < 16 ? sched_yield() : nanosleep(&kNap, nullptr));
  }
  return false;
}

bool grow(Producer& producer, const ClientPolicy& policy) {
  RingSet* const rings = g_ring_set.load(std::memory_order_acquire);  // see has_room()
  const HoldPause pause(&producer.writer);                            // the allocator may log
  return rings != nullptr && rings->grow(producer, policy.grow_limit_bytes.load(Order::kRelaxed));
}

bool make_room(Producer& producer, const RecordOrigin& origin, std::uint64_t cells) {
  if (try_make_room(producer, origin, cells)) return true;
  switch (SignalScope::is_here() ? WhenFull::kDrop : policy_of(origin.client)) {
    case WhenFull::kDrop:
      return false;
    case WhenFull::kBlock:
      return block_until(origin.client, &producer.writer,
                         [&] { return try_make_room(producer, origin, cells); });
    case WhenFull::kGrow:
      return grow(producer, g_client_policies[origin.client]) &&
             try_make_room(producer, origin, cells);
  }
  return false;
}

// Returns the set that the thread claims rings from; null while no engine runs. In a forked child
// whose engine cannot run, a call of the client has been counted as lost then.
RingSet* present_set(std::uint32_t client) {
  // acquire: pairs with the engine's release when it installs the set
  RingSet* const rings = g_ring_set.load(std::memory_order_acquire);
  if (rings == nullptr || rings->belongs_to_this_process()) return rings;
  // acquire: pairs with the engine's release when it stores the hook
  return g_restart_in_child.load(std::memory_order_acquire)(client);
}

void say_no_ring(bool waits) {
  static constinit DiagnosticLimit limit;
  diagnose_seldom(
      limit,
      "a thread gets no ring, so its messages %s: all rings together have max_ring_bytes, or the "
      "system refuses memory; raise EngineOptions::max_ring_bytes, or use fewer threads",
      waits ? "wait until another thread that logs has ended" : "are lost, and counted as no_ring");
}

// Returns the thread's producer, with a ring; null when it cannot get one.
Producer* ready_producer(std::uint32_t client) {
  if (t_producer->writer.is_attached()) return t_producer;
  if (SignalScope::is_here()) return SignalScope::lose(client);
  RingSet* rings = present_set(client);
  if (rings == nullptr) return nullptr;
  Producer* producer = rings->claim();
  if (producer != nullptr) return producer;
  const bool blocks = policy_of(client) == WhenFull::kBlock && !FlusherThread::is_here();
  say_no_ring(blocks);
  const auto claims = [&] {
    rings = present_set(client);
    producer = rings != nullptr ? rings->claim() : nullptr;
    return rings == nullptr || producer != nullptr;
  };
  if (blocks && block_until(client, nullptr, claims)) return producer;
  if (rings != nullptr) rings->count_unattached(client);
  return producer;
}

void lose_too_big(Producer& producer, const RecordOrigin& origin, Bytes beginning) {
  count_caller_loss(producer, CallerLoss::kTooBig, origin.client, time_of(origin));
  if (!try_make_room(producer, origin, 1)) {
    add_pending_loss(producer, CallerLoss::kTooBig, origin);
    return;
  }
  LossMark mark{};
  mark.count = 1;
  mark.first_stamp = mark.last_stamp = time_of(origin);
  mark.site = origin.site;
  mark.reason = static_cast<std::uint8_t>(LossReason::kTooBig);
  mark.beginning_size = static_cast<std::uint8_t>(std::min(beginning.size, sizeof mark.beginning));
  if (mark.beginning_size != 0) std::memcpy(mark.beginning, beginning.at, mark.beginning_size);
  write_mark(producer, origin.client, mark);
}

void lose_ring_full(Producer& producer, const RecordOrigin& origin) {
  count_caller_loss(producer, CallerLoss::kRingFull, origin.client, time_of(origin));
  add_pending_loss(producer, CallerLoss::kRingFull, origin);
}

void write_or_lose(Producer& producer, const RecordOrigin& origin, const RecordPieces& record) {
  const std::uint64_t cells = record_cells(record.total_bytes);
  if (cells > producer.writer.largest_record()) {
    lose_too_big(producer, origin, record.pieces[record.piece_count > 1 ? 1 : 0]);
  } else if (make_room(producer, origin, cells)) {
    fill_record(producer.writer, origin.stamp, record);
    producer.writer.commit(cells, pack_header(cells, origin.client, origin.site));
  } else {
    lose_ring_full(producer, origin);
  }
}

// True for a call whose severity the program wants to be seen at once.
bool is_urgent(const RecordOrigin& origin) {
  const std::int8_t limit = g_wake_severity.load(Order::kRelaxed);  // relaxed: a switch
  if (limit < 0 || origin.priority != Priority::kHigh) return false;
  const RegisteredSite* const site = SiteRegistry::instance().find(origin.site);
  return site != nullptr && static_cast<std::int8_t>(site->severity) <= limit;
}

// The origin of a stamp: only that of the present call may be replaced by another clock's.
enum class StampOf : std::uint8_t { kThisCall, kEarlierCall };

// The beginning and the end of every function of the cold path; `emit_it` does the rest.
template <class Emit>
void with_producer(RecordOrigin origin, Emit emit_it, StampOf stamp_of = StampOf::kThisCall) {
  const bool is_first_call = !t_producer->writer.is_attached();
  Producer* const producer = ready_producer(origin.client);
  if (producer == nullptr) return;
  const WriterHold hold(*producer);
  if (!hold.has_it()) {
    const SignalScope in_another_ring;
    return with_producer(origin, emit_it, stamp_of);
  }
  if (!g_ticks_are_steady && origin.stamp != kNoStamp && stamp_of == StampOf::kThisCall) {
    origin.stamp = monotonic_ns();
  }
  producer->counts.emitted[origin.client].add_by_owner(1);
  emit_it(*producer, origin);
  if (!g_ticks_are_steady) producer->writer.close_fast_path();  // no call may trust the counter
  if (is_urgent(origin)) return wake_flusher();                 // also if it is about to sleep
  // The first call took a spare ring, which the flusher replaces.
  const RingWriter& writer = producer->writer;
  if (is_first_call ? writer.wakes_at_quarters() : writer.wants_reader()) wake_long_sleep();
}

}  // namespace

// Not inline, or emit_pieces() would save the registers of the cold path in each call.
[[gnu::noinline]] void emit_record(const RecordOrigin& origin, const RecordPieces& record) {
  with_producer(origin, [&](Producer& producer, const RecordOrigin& stamped) {
    write_or_lose(producer, stamped, record);
  });
}

void emit_past_record(const RecordOrigin& origin, const RecordPieces& record) {
  const auto write = [&](Producer& producer, const RecordOrigin& stamped) {
    write_or_lose(producer, stamped, record);
  };
  with_producer(origin, write, StampOf::kEarlierCall);
}

void emit_without_room(const RecordOrigin& origin) {
  with_producer(origin, lose_ring_full, StampOf::kEarlierCall);
}

void emit_too_big(const RecordOrigin& origin, Bytes beginning) {
  with_producer(origin, [&](Producer& producer, const RecordOrigin& stamped) {
    lose_too_big(producer, stamped, beginning);
  });
}

}  // namespace metlog
