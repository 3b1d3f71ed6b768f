// Must mention: a period is a number of seconds or a std::chrono::duration
#include "metlog/log.h"

void call(metlog::Client& log) { METLOG_EVERY_SECONDS("5", METLOG_INFO, log, "text"); }
