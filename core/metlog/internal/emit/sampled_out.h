#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/emit/producer.h"
#include "metlog/internal/site/gate.h"

namespace metlog {

/// Calls that a `rate` has sampled out, by client slot: of the thread that has the page now, which
/// alone adds to it, and of those that had it before. Recovery does not read them: they are in no
/// proof.
struct SampledOutCounts {
  PlainAtomic<std::uint64_t> calls[kClientSlots];
  SampledOutCounts* listed_before;
  PlainAtomic<std::uint32_t> is_listed;
};

/// What is mapped for a thread. The counts are in a page that most threads never touch; a call that
/// is the first to do so makes no system call for it. Not wiped in a forked child, or the list of
/// them would end there: the child clears the counts when its engine starts.
struct ProducerPages {
  Producer producer;
  SampledOutCounts sampled_out;
};
static_assert(offsetof(ProducerPages, sampled_out) % 4096 == 0);

/// Counts calls of the calling thread; also in a signal handler.
void count_sampled_out(std::uint32_t client, std::uint64_t calls);

/// Returns the calls of a client on all threads. Any thread.
std::uint64_t sampled_out(std::uint32_t client);

/// Clears the count of a closed client, so that another one can have its slot.
void clear_sampled_out(std::uint32_t client);

}  // namespace metlog
