// Must mention: payload() is for events
#include "metlog/log.h"

void call(metlog::Client& log) { METLOG_INCR(log, "name", metlog::payload(true)); }
