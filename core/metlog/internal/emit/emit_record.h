#pragma once

#include <cstdint>

#include "metlog/internal/emit/producer.h"
#include "metlog/internal/ring/record_bytes.h"

namespace metlog {

/// The steps of a record's way into the ring that are not inline; emit.h draws them all.

/// The call that a record is from: the contents of its header, and its time stamp.
struct RecordOrigin {
  std::uint32_t client;  // slot
  std::uint32_t site;    // id
  Priority priority;
  std::uint64_t stamp;
};

// Records of several cells.

/// Returns the first of the cells that a record with `arg_bytes` bytes of arguments takes, null
/// when the cold path must decide. Not inline: these three are compiled once, emit_cells() once for
/// each list of types.
Cell* try_reserve_record(std::size_t arg_bytes, Priority priority);

/// Copies the last `size` bytes of a record's arguments, at `rest`, into the second of its two
/// reserved cells and publishes the record.
void publish_two_cells(Cell* first, const RecordOrigin& origin, const char* rest, std::size_t size);

/// Publishes a record whose first piece is already in the reserved cell `first`; copies the other
/// pieces. Takes the cold path when `first` is null.
void emit_pieces(Cell* first, const RecordOrigin& origin, const RecordPieces& record);

// The cold path: any record size, a thread without a ring, a forked child, a full ring, a pending
// loss mark, a changed context. Never throws. Waits only for a client whose policy is
// WhenFull::kBlock, and never on the FlusherThread.

/// Emits a record of a call that is being made now.
void emit_record(const RecordOrigin& origin, const RecordPieces& record);

/// Emits a record of a call that was made earlier, and keeps its stamp, which is of steady_ticks().
void emit_past_record(const RecordOrigin& origin, const RecordPieces& record);

/// Counts a record of an earlier call as lost for want of memory (LossReason::kRingFull).
void emit_without_room(const RecordOrigin& origin);

/// Counts a record as too big: its composite arguments take more than CompositeWriter::kMaxBytes.
/// The loss mark carries the first bytes of `beginning`.
void emit_too_big(const RecordOrigin& origin, Bytes beginning);

}  // namespace metlog
