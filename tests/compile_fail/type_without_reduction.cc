// Must mention: metlog cannot log this type: overload metlog_reduce(const T&)
#include "metlog/log.h"

struct Opaque {};

void call(metlog::Client& log) { METLOG_INFO(log, "{}", Opaque()); }
