#include "metlog/internal/emit/flusher_wakeup.h"

#include "metlog/internal/base/wake_event.h"

namespace metlog {
namespace {

constinit Bell g_bell;

}  // namespace

void ring_flusher_bell() { g_bell.ring(); }

void wait_for_flusher_bell(std::chrono::nanoseconds limit) { g_bell.wait(limit); }

constinit thread_local int FlusherThread::t_depth_ = 0;

}  // namespace metlog
