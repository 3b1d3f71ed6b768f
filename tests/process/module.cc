// A library with call sites of its own, loaded and unloaded by dlopen_test.

#include "metlog/log.h"

extern "C" void log_from_module(metlog::Client& log, int number) {
  METLOG_INFO(log, METLOG_MODULE_NAME " says {}", number);
}
