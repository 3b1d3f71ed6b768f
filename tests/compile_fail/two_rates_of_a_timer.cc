// Must mention: a call takes payload(), rate(), logger() and severity() once each
#include "metlog/log.h"

void call(metlog::Client& log) { METLOG_TIMER(log, "name", metlog::rate(1), metlog::rate(0.5)); }
