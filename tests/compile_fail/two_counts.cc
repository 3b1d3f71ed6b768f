// Must mention: a counter takes one count
#include "metlog/log.h"

void call(metlog::Client& log) { METLOG_INCR(log, "name", 1, 2); }
