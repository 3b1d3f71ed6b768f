#include "metlog/internal/emit/flusher_wakeup.h"

#include "metlog/internal/base/wake_event.h"

namespace metlog {
namespace {

constinit WakeEvent g_wake_event;

}  // namespace

void wake_flusher() { g_wake_event.signal(); }

void wait_for_flusher_wakeup(std::chrono::nanoseconds limit) { g_wake_event.wait(limit); }

constinit thread_local int FlusherThread::t_depth_ = 0;

}  // namespace metlog
