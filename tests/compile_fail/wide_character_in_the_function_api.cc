// Must mention: convert them to UTF-8 before the call
#include "metlog/log.h"

void call(metlog::Client& log) { log.metlog("type", {.fields = {{"key", L'x'}}}); }
