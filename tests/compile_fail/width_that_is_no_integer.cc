// Must mention: the argument of a width or precision is an integer of up to 64 bits
#include "metlog/log.h"

void call(metlog::Client& log) { METLOG_INFO(log, "{:{}}", "text", 2.5); }
