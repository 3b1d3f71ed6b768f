// Must mention: log *p for its value, p.get() for its address
#include <memory>

#include "metlog/log.h"

void call(metlog::Client& log) { METLOG_INFO(log, "{}", std::make_unique<int>(5)); }
