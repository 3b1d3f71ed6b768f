// Must mention: this type is printed with {} alone
#include <utility>

#include "metlog/log.h"

void call(metlog::Client& log) { METLOG_INFO(log, "{:>5}", std::pair(1, 2)); }
