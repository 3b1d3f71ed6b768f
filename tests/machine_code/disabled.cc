// Calls that are disabled at run time; check.py reads the object code.
#include "metlog/log.h"

extern "C" {

void disabled_log(metlog::Client& log, std::uint64_t id, double latency, const char* user) {
  METLOG_INFO(log, "request id={} latency={} user={}", id, latency, user);
}

void disabled_incr(metlog::Client& log) { METLOG_INCR(log, "requests"); }

void disabled_event(metlog::Client& log, int id) {
  METLOG_EVENT(log, "services", metlog::payload("foo"), metlog::kv("id", id));
}

void disabled_timer(metlog::Client& log) { METLOG_TIMER(log, "db.query"); }

}  // extern "C"
