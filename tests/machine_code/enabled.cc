// Calls that take the hot path into the ring; check.py reads the object code.
#include "metlog/log.h"

extern "C" {

void enabled_log(metlog::Client& log, std::uint64_t id, double latency, const char* user) {
  METLOG_INFO(log, "request id={} latency={} user={}", id, latency, user);
}

void enabled_incr(metlog::Client& log) { METLOG_INCR(log, "requests"); }

}  // extern "C"
