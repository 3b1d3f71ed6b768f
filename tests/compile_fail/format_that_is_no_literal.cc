// Must mention: format
#include "metlog/log.h"

void call(metlog::Client& log, const char* format) { METLOG_INFO(log, format); }
