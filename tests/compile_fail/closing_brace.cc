// Must mention: a single
#include "metlog/log.h"

void call(metlog::Client& log) { METLOG_INFO(log, "}"); }
