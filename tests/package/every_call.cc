// Uses every kind of call, so that what the public headers define is instantiated; compiled by
// hostile_macros.py in every mode, and after macros with the names of functions that it calls only
// by macros of metlog.
#include <metlog/metlog.h>

#include <vector>

namespace every_call {

enum class Colour { kRed };

inline void log_by_macros(metlog::Client& client, int n, bool flag, const char* text) {
  METLOG_INFO(client, "n {} flag {} text {:>5}", n, flag, text,
              metlog::kv("list", std::vector<int>{1}));
  METLOG_EXCEPTION(client, "n {}", n);
  METLOG_EVENT(client, "event", metlog::payload("x"), metlog::kv("colour", Colour::kRed));
  METLOG_INCR(client, "counter", n, metlog::rate(0.5));
  METLOG_INCR(client, "counter", flag);
  METLOG_TIMER(client, "timer");
  METLOG_TIMER(client, "timer", metlog::rate(0.5), metlog::kv("n", n));
  METLOG_EVERY_N(10, METLOG_WARN, client, "n {}", n);
  METLOG_EVERY_SECONDS(0.5, METLOG_ERROR, client, "n {}", n);
  METLOG_FIRST_N(3, METLOG_NOTICE, client, "text");
  METLOG_ONCE(METLOG_CRITICAL, client, "text");
  METLOG_IF(flag, METLOG_DEBUG, client, "text");
  const metlog::Backtrace trail(client, 4);
  METLOG_DEBUG(trail, "{}", n);
  const metlog::secret hidden(text);
  METLOG_INFO(client, "{}", hidden);
  const metlog::ScopedContext context({{"n", n}});
}

}  // namespace every_call

#ifndef METLOG_ONLY_MACROS
namespace every_call {

inline void log_by_functions(metlog::Client& client, const char* text) {
  client.info(text);
  client.incr("counter");
  client.metlog("event", {.fields = {{"n", 1}}}, "payload");
  const metlog::Timer timer = client.timer("timer");
  const auto timed = metlog::timed(client, "timer", [](int i) { return i; });
  const auto timeit = metlog::timeit([](int i) { return i; }, {.client = &client});
  const auto counted = metlog::incr_count([](int i) { return i; }, {.client = &client});
  static_cast<void>(timed(1) + timeit(1) + counted(1));
  static_cast<void>(client.info(metlog::percent("%s", text)));
  client.exception(text);
}

}  // namespace every_call
#endif
