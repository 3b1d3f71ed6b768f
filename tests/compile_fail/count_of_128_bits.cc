// Must mention: a counter's count is a number
#include "metlog/log.h"

void call(metlog::Client& log, __int128 count) { METLOG_INCR(log, "name", count); }
