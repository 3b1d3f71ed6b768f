// Must mention: in the format without its
#include "metlog/log.h"

void call(metlog::Client& log) { METLOG_INFO(log, "{"); }
