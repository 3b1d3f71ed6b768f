// Must mention: with numbers up to 9999
#include "metlog/log.h"

void call(metlog::Client& log) { METLOG_INFO(log, "{:10000}", 5); }
