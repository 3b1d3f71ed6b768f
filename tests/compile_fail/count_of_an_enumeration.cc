// Must mention: a counter's count is a number: cast an enumeration or an atomic to one
#include "metlog/log.h"

enum class Count { kOne = 1 };

void call(metlog::Client& log) { METLOG_INCR(log, "name", Count::kOne); }
