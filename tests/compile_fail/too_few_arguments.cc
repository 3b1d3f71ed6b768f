// Must mention: the format has more placeholders than the call has arguments
#include "metlog/log.h"

void call(metlog::Client& log) { METLOG_INFO(log, "{} {}", 1); }
