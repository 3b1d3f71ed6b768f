// Must mention: convert them to UTF-8 before the call
#include <string>

#include "metlog/log.h"

void call(metlog::Client& log) { log.metlog("type", {.fields = {{"key", std::wstring(L"x")}}}); }
