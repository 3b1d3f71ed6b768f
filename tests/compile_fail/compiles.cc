// Must compile: the calls that the others get wrong, written right.
#include "metlog/log.h"

struct Reduced {};
int metlog_reduce(const Reduced&) { return 1; }

void call(metlog::Client& log) {
  METLOG_INFO(log, "{} of {:>5}", 1, 2);
  METLOG_INFO(log, "{{{}}} {}", Reduced(), "text");
  METLOG_INFO(log, "{1} {0}", 1, 2, metlog::kv("key", 3));
  METLOG_EVENT(log, "type", metlog::payload("text"), metlog::kv("key", 1));
  METLOG_INCR(log, "name", 5, metlog::rate(0.1));
  METLOG_EVERY_N(10, METLOG_INCR, log, "name");
  METLOG_EVERY_SECONDS(0.5, METLOG_INFO, log, "{}", 1);
  METLOG_FIRST_N(10, METLOG_EVENT, log, "type");
  METLOG_ONCE(METLOG_INFO, log, "text");
  METLOG_TIMER(log, "name", metlog::kv("key", 1));
}
