#include "metlog/internal/emit/context_record.h"

#include <algorithm>

#include "metlog/internal/context/context_text.h"
#include "metlog/internal/context/thread_context.h"
#include "metlog/internal/ring/control_record.h"
#include "metlog/internal/ring/record_bytes.h"

namespace metlog {
namespace {

// docs/ring.md: of a ring of 64 cells one is kept, and an eighth is for urgent calls.
constexpr std::uint64_t kSmallestRing = 64;
static_assert(record_cells(kMaxContextRecordBytes) < kSmallestRing - 1 - kSmallestRing / 8);

std::uint64_t id_of(const ContextContents* contents) {
  return contents != nullptr ? contents->id() : 0;
}

}  // namespace

bool has_changed_context(const Producer& producer) {
  return producer.context_told != id_of(thread_context());
}

bool try_tell_context(Producer& producer, std::uint64_t stamp, std::uint64_t cells, Room room) {
  const ContextContents* const contents = thread_context();
  const std::string_view bytes = contents != nullptr ? contents->bytes() : std::string_view();
  const std::uint64_t own_cells = record_cells(bytes.size());
  // With room for the call too, or contexts of calls that are dropped would fill the ring; unless
  // no ring of this size has that much.
  const std::uint64_t both = std::min(own_cells + cells, producer.writer.largest_record());
  if (!producer.writer.try_make_room(both, room)) {
    producer.writer.hold();  // a signal's handler may log before the caller has decided
    return false;
  }
  const Bytes piece{bytes.data(), bytes.size()};
  fill_record(producer.writer, stamp, {&piece, bytes.empty() ? 0U : 1U, bytes.size()});
  const auto kind = contents != nullptr ? ControlRecord::kContextSet : ControlRecord::kContextClear;
  producer.writer.seal(own_cells, pack_head(own_cells, 0, static_cast<std::uint64_t>(kind)));
  producer.context_told = id_of(contents);
  return true;
}

}  // namespace metlog
