#pragma once

#include <cstdint>

#include "metlog/internal/emit/producer.h"
#include "metlog/internal/ring/record_bytes.h"

namespace metlog {

/// Who emits a record, as its head tells it, and when.
struct RecordOrigin {
  std::uint32_t client;  // slot
  std::uint32_t site;    // id
  Priority priority;
  std::uint64_t stamp;
};

/// The cold path: a record of any size, a thread without a ring, a full ring, a pending loss mark.
/// Never throws; waits only for a client whose policy is WhenFull::kBlock,
/// and never on the FlusherThread.
void emit_record(const RecordOrigin& origin, const RecordPieces& record);

/// The same of a record that was kept for a while: its stamp, of steady_ticks(), stays what it is.
void emit_kept(const RecordOrigin& origin, const RecordPieces& record);

/// Counts such a record that cannot be placed for want of memory, as one that its ring has no room
/// for.
void emit_without_room(const RecordOrigin& origin);

/// Counts a record whose composite arguments are longer than CompositeWriter::kMaxBytes.
void emit_too_big(const RecordOrigin& origin, Bytes beginning);

/// Whether the thread's context is not yet the one that its ring was told of.
[[nodiscard]] bool has_changed_context(const Producer& producer);

/// Tells the ring of the thread's context, by a control record before that of a call of `cells`
/// cells and this stamp. False when there is no room, for which it waits for the next call.
bool try_publish_context(Producer& producer, std::uint64_t stamp, std::uint64_t cells,
                         Priority priority);

}  // namespace metlog
