#pragma once

#include "metlog/internal/emit/ring_set.h"
#include "metlog/internal/ring/cell.h"

namespace metlog {

/// Takes the control record at the ring's reader that changes what the flusher keeps of the ring's
/// thread from one message to the next:
///
///   kContextSet    the context that the thread's next messages carry
///   kContextClear  they carry none
///   kContinuation  the thread goes on in another ring (LiveRing::followed_by), which takes what
///                  there is of the thread, as if all were one ring:
///
///                    context                         of its next messages
///                    queue_key                       the connection, so that their order stays
///                    last_utc_ns, last_stamp,        so that the time of the next message does
///                    jumps_before                    not run back
///
/// A context is kept in the ring's memory, too, where recovery finds it when the record itself is
/// overwritten. Other control records change nothing here. `gathered` has room for the arguments
/// of a record of kMaxRecordCells. For the flusher's thread, under its mutex.
void take_thread_state(LiveRing& ring, const RecordHeader& head, unsigned char* gathered);

/// Sets what is known of the thread that has written the record at hand.
void read_thread(LiveRing& ring);

}  // namespace metlog
