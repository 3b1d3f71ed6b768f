// Must mention: this call takes kv(), payload(), rate(), logger(), severity(), and nothing bare
#include "metlog/log.h"

void call(metlog::Client& log) { METLOG_EVENT(log, "type", 5); }
