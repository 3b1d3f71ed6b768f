// Must mention: {} and {0} cannot be mixed in one format
#include "metlog/log.h"

void call(metlog::Client& log) { METLOG_INFO(log, "{} {0}", 1); }
