// Must mention: an integer is printed with one of b B c d o x X
#include "metlog/log.h"

void call(metlog::Client& log) { METLOG_INFO(log, "{:f}", 1); }
