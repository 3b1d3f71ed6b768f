// Must mention: a call is either limited or sampled
#include "metlog/log.h"

void call(metlog::Client& log) { METLOG_EVERY_N(10, METLOG_INCR, log, "name", metlog::rate(0.5)); }
