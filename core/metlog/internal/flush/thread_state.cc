#include "metlog/internal/flush/thread_state.h"

#include <atomic>
#include <string_view>
#include <utility>

#include "metlog/internal/context/context_text.h"
#include "metlog/internal/ring/record_bytes.h"

namespace metlog {
namespace {

void set_context(LiveRing& ring, const RecordHeader& head, unsigned char* gathered) {
  const unsigned char* const args = gather_record(ring.reader, head.cells, gathered);
  render_context(ring.context, args, record_capacity(head.cells));
  ring.memory->keep_context(args, record_capacity(head.cells));
}

void move_to(LiveRing& next, LiveRing& ring) {
  next.last_utc_ns = ring.last_utc_ns;
  next.jumps_before = ring.jumps_before;
  next.last_stamp = ring.last_stamp;
  next.context = std::move(ring.context);
  const RingHeader& header = ring.memory->header();
  // relaxed: of this thread
  next.memory->keep_context(header.context, header.context_bytes.load(Order::kRelaxed));
  next.set_queue_key(ring.queue_key);
}

}  // namespace

void read_thread(LiveRing& ring) {
  const RingHeader& header = ring.memory->header();
  // relaxed: stored before the record that was read
  ring.thread.id = header.tid.load(Order::kRelaxed);
  const std::string_view name(header.thread_name, sizeof header.thread_name);
  ring.thread.name = name.substr(0, name.find('\0'));
  static std::atomic<std::uint64_t> last_serial{0};
  // relaxed: a number that must only be unique
  ring.thread.serial = 1 + last_serial.fetch_add(1, std::memory_order_relaxed);
}

void take_thread_state(LiveRing& ring, const RecordHeader& head, unsigned char* gathered) {
  switch (static_cast<ControlRecord>(head.site)) {
    case ControlRecord::kContextSet:
      return set_context(ring, head, gathered);
    case ControlRecord::kContextClear:
      ring.context.clear();
      return ring.memory->keep_context(nullptr, 0);
    case ControlRecord::kContinuation:
      if (ring.followed_by != nullptr) move_to(*ring.followed_by, ring);
      return;
    default:
      return;
  }
}

}  // namespace metlog
