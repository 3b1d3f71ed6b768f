// Must mention: cast a pointer to signed, unsigned or volatile char to const char* for its text
#include "metlog/log.h"

void call(metlog::Client& log) {
  const unsigned char bytes[2] = {1, 2};
  METLOG_INFO(log, "{}", bytes);
}
