// Must mention: a field's key is at most 40 bytes long
#include "metlog/log.h"

void call(metlog::Client& log) {
  METLOG_INFO(log, "", metlog::kv("a key of more than forty bytes, which is too long", 1));
}
