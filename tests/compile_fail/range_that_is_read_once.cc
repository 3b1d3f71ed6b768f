// Must mention: log a vector of its elements
#include "metlog/log.h"

struct Once {
  Once() = default;
  Once(const Once&) = delete;
  int* begin() { return nullptr; }
  int* end() { return nullptr; }
};

void call(metlog::Client& log, const Once& once) { METLOG_INFO(log, "{}", once); }
