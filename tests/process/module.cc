// A library with call sites of its own, loaded and unloaded by dlopen_test. Compiled without
// options that would change what its symbols are.

#include <map>
#include <string>
#include <vector>

#include "metlog/decorators.h"
#include "metlog/log.h"
#include "metlog/timed.h"

extern "C" void log_from_module(metlog::Client& log, int number) {
  METLOG_INFO(log, METLOG_MODULE_NAME " says {}", number);
}

#ifdef METLOG_MODULE_HAS_ALL_KINDS

// All with external linkage: what is local to a library anyway proves nothing.
inline void log_inline(metlog::Client& log, int number) { METLOG_WARN(log, "inline {}", number); }

struct Everything {
  inline void make_calls(metlog::Client& log) const {
    METLOG_INFO(log, "{}", std::vector<int>{number});
    METLOG_INFO(log, "{}", std::map<std::string, int>{{"a", number}}, metlog::kv("k", "v"));
    METLOG_EVENT(log, "event", metlog::kv("a", number), metlog::rate(0.5));
    METLOG_INCR(log, "counter", number, metlog::rate(0.5));
    METLOG_TIMER(log, "timer", metlog::rate(0.5));
    METLOG_EVERY_N(10, METLOG_WARN, log, "every {}", number);
    METLOG_EVERY_SECONDS(1, METLOG_WARN, log, "every s {}", number);
    METLOG_FIRST_N(1, METLOG_WARN, log, "first {}", number);
    METLOG_ONCE(METLOG_WARN, log, "once");
    log_inline(log, number);
  }
  template <class T>
  void make_call(metlog::Client& log, const T& value) const {
    METLOG_INFO(log, "template {}", value);
    METLOG_EVERY_N(10, METLOG_WARN, log, "template every {}", value);
  }
  int number;
};

extern "C" void log_everything(metlog::Client& log, int number) {
  const Everything all{number};
  all.make_calls(log);
  all.make_call(log, number);
  all.make_call(log, "text");
  const auto timed = metlog::timed(log, "timed", [](int argument) { return argument; });
  timed(number);
  const auto counted =
      metlog::incr_count([] {}, metlog::DecoratorName("counted"), {.client = &log});
  counted();
  log.info("by a function");
}

#endif
