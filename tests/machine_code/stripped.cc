// Compiled with METLOG_MIN_SEVERITY=4 and METLOG_DISABLED_TIMERS="db.query,x"; check.py reads the
// object code. Something is kept, so that the check can fail.
#include "metlog/log.h"

using metlog::Client;

int costly_argument();

extern "C" {

// The first function, because g++ names the initialisation of the sites after it.
void kept_log_call(Client& log) { METLOG_WARN(log, "kept warning {}", costly_argument()); }

void kept_timer(Client& log) { METLOG_TIMER(log, "kept.timer"); }

void stripped_log_calls(Client& log) {
  METLOG_DEBUG(log, "stripped debug {}", costly_argument());
  METLOG_INFO(log, "stripped info {}", costly_argument(), metlog::kv("key", costly_argument()));
  METLOG_NOTICE(log, "stripped notice");
}

void stripped_timers(Client& log) {
  METLOG_TIMER(log, "db.query");
  METLOG_TIMER(log, "x", metlog::kv("key", costly_argument()));
}

}  // extern "C"
