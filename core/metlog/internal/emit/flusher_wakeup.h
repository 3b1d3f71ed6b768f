#pragma once

#include <chrono>

namespace metlog {

/// Ends the flusher's sleep early. For the cold path of clients that wait when their ring is full,
/// and for flush() and close(): a call that has room never rings. Any thread.
void ring_flusher_bell();

/// Sleeps until the bell rings or the time is over. A bell rung since the last sleep counts. The
/// flusher's.
void wait_for_flusher_bell(std::chrono::nanoseconds limit);

}  // namespace metlog
