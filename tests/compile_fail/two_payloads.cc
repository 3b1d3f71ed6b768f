// Must mention: a call takes payload(), rate(), logger() and severity() once each
#include "metlog/log.h"

void call(metlog::Client& log) {
  METLOG_EVENT(log, "type", metlog::payload("one"), metlog::payload("two"));
}
