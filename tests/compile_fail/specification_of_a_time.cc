// Must mention: a time or duration is printed with fill, align and width alone
#include <chrono>

#include "metlog/log.h"

void call(metlog::Client& log) { METLOG_INFO(log, "{:%F}", std::chrono::system_clock::now()); }
