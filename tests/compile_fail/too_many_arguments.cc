// Must mention: the call has more arguments than the format has placeholders
#include "metlog/log.h"

void call(metlog::Client& log) { METLOG_INFO(log, "{}", 1, 2); }
