// Must mention: a number of calls is an integer
#include "metlog/log.h"

void call(metlog::Client& log) { METLOG_EVERY_N(2.5, METLOG_INFO, log, "text"); }
