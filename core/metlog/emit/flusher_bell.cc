#include "metlog/emit/flusher_bell.h"

#include "metlog/base/bell.h"

namespace metlog {
namespace {

constinit Bell g_bell;

}  // namespace

void ring_flusher_bell() { g_bell.ring(); }

void wait_for_flusher_bell(std::chrono::nanoseconds limit) { g_bell.wait(limit); }

}  // namespace metlog
