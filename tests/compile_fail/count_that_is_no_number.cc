// Must mention: a counter's count is a number
#include "metlog/log.h"

void call(metlog::Client& log) { METLOG_INCR(log, "name", "text"); }
