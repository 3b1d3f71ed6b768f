#include "metlog/internal/flush/ring_damage.h"

#include <algorithm>
#include <atomic>

#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/site/site_registry.h"

namespace metlog {
namespace {

/// The cells of a ring, counted from its reader on. Those without memory are not touched.
class CellsAhead {
 public:
  explicit CellsAhead(const LiveRing& ring)
      : ring_(ring), ready_(ring.memory->ready_cells()), log2_(ring.memory->cells_log2()) {}

  [[nodiscard]] std::uint64_t count() const { return ring_.reader.capacity(); }
  [[nodiscard]] bool has_memory(std::uint64_t ahead) const {
    return ((ring_.reader.pos() + ahead) & (count() - 1)) < ready_;
  }
  [[nodiscard]] std::uint64_t head(std::uint64_t ahead) const {
    return ring_.reader.cell(ahead).head.load(Order::kAcquire);  // pairs with the writer, as peek()
  }
  [[nodiscard]] std::uint8_t lap(std::uint64_t ahead) const {
    return lap_of(ring_.reader.pos() + ahead, log2_);
  }
  /// True for a cell that has been written in the lap of its position.
  [[nodiscard]] bool is_written(std::uint64_t ahead) const {
    return has_memory(ahead) && static_cast<std::uint8_t>(head(ahead)) == lap(ahead);
  }
  /// True for one that has the tag of the lap before.
  [[nodiscard]] bool is_old(std::uint64_t ahead) const {
    const auto last = static_cast<std::uint8_t>(lap(ahead) - 1);
    return !has_memory(ahead) || static_cast<std::uint8_t>(head(ahead)) == last;
  }

 private:
  const LiveRing& ring_;
  const std::uint64_t ready_;
  const unsigned log2_;
};

bool is_known(std::uint32_t site) {
  if (site >= kFirstSiteId) return SiteRegistry::instance().find(site) != nullptr;
  return site >= static_cast<std::uint32_t>(ControlRecord::kLoss) &&
         site <= static_cast<std::uint32_t>(ControlRecord::kContinuation);
}

}  // namespace

bool RingDamage::is_whole(const LiveRing& ring, std::uint64_t ahead, const RecordHeader& head) {
  const CellsAhead cells(ring);
  if (head.client >= kClientSlots || head.cells == 0) return false;
  if (head.cells > std::min<std::uint64_t>(cells.count() - ahead, kMaxRecordCells)) return false;
  for (std::uint64_t i = ahead + 1; i < ahead + head.cells; ++i) {
    if (!cells.has_memory(i) || cells.head(i) != cells.lap(i)) return false;
  }
  return true;
}

std::uint64_t RingDamage::find_record(const LiveRing& ring, std::uint64_t end) {
  const CellsAhead cells(ring);
  for (std::uint64_t ahead = 1; ahead < end; ++ahead) {
    if (!cells.is_written(ahead)) continue;
    const RecordHeader head = RecordHeader::unpack(cells.head(ahead));
    if (is_whole(ring, ahead, head) && is_known(head.site)) return ahead;
  }
  return end;
}

std::uint64_t RingDamage::written_ahead(const LiveRing& ring) {
  const CellsAhead cells(ring);
  if (ring.producer == nullptr) return 0;
  // (2) acquire: pairs with (1) in RingSet::attach(), before which the thread may go on elsewhere
  if (std::atomic_ref(ring.producer->ring).load(std::memory_order_acquire) == &ring) {
    const std::uint64_t ahead = ring.producer->writer.glimpse_pos() - ring.reader.pos();
    return ahead < cells.count() ? ahead : 0;
  }
  // Its thread goes on in another ring, so that nothing is being written here.
  std::uint64_t ahead = cells.count();
  while (ahead > 0 && !cells.is_written(ahead - 1)) --ahead;
  return ahead;
}

void RingDamage::say(const LiveRing& ring, std::uint64_t cells) {
  static constinit DiagnosticLimit limit;
  was_found_ = true;
  const RingHeader& header = ring.memory->header();
  diagnose_seldom(limit,
                  "something has written over ring %u of thread %u, at position %llu: %llu cells "
                  "are skipped, and their messages will be counted as damaged; look for writes "
                  "through wild pointers, with -fsanitize=address",
                  header.index, header.tid.load(Order::kRelaxed),  // relaxed: for humans
                  static_cast<unsigned long long>(ring.reader.pos()),
                  static_cast<unsigned long long>(cells));
}

bool RingDamage::find_next(const LiveRing& ring, std::uint64_t& cells) {
  was_found_ = true;
  const std::uint64_t end = written_ahead(ring);
  if (end == 0) return false;
  cells = find_record(ring, end);
  say(ring, cells);
  return true;
}

bool RingDamage::free_if_stuck(LiveRing& ring, bool is_due) {
  if (ring.follows != nullptr || ring.reader.peek() != 0) return false;
  if (!is_due && CellsAhead(ring).is_old(0) &&
      !ring.reader.is_past_quarter(ring.memory->ready_cells())) {
    return false;
  }
  std::uint64_t cells = written_ahead(ring);
  if (cells == 0) return false;
  // What the writer has published before it stepped on may become visible a little later.
  constexpr int kPeeks = 1000;
  for (int i = 0; i < kPeeks; ++i) {
    if (ring.reader.peek() != 0) return false;
  }
  if (find_next(ring, cells)) ring.reader.advance(cells);
  return true;
}

bool RingDamage::is_in_call(const std::vector<LiveRing*>& rings) {
  constexpr int kLooks = 1000;
  return std::any_of(rings.begin(), rings.end(), [](const LiveRing* ring) {
    int looks = 0;
    while (ring->producer != nullptr && ring->producer->is_in_call()) {
      if (++looks == kLooks) return true;
    }
    return false;
  });
}

bool RingDamage::is_look_due() {
  const auto now = std::chrono::steady_clock::now();
  const bool is_asked = is_asked_.exchange(false, std::memory_order_relaxed);  // relaxed: a switch
  if (!is_asked && now - looked_at_ < std::chrono::seconds(1)) return false;
  looked_at_ = now;
  return true;
}

}  // namespace metlog
