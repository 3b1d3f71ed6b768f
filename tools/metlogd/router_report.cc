#include "tools/metlogd/router_report.h"

#include <utility>

#include "metlog/internal/base/system_facts.h"
#include "tools/router/input/own_message.h"

namespace metlog {

RouterReport::RouterReport(std::chrono::nanoseconds interval, std::function<RouterLedger()> ledger)
    : interval_(interval), ledger_(std::move(ledger)), next_(Clock::now() + interval) {}

std::size_t RouterReport::poll(FrameSink& sink, std::size_t) {
  const Clock::time_point now = Clock::now();
  if (now < next_) return 0;
  next_ = now + interval_;
  pass(sink);
  return 1;
}

std::size_t RouterReport::finish(FrameSink& sink) {
  pass(sink);
  return 1;
}

void RouterReport::pass(FrameSink& sink) {
  RouterLedger ledger = ledger_();
  // Lists that may be long. Sessions tell of themselves.
  ledger.worst_streams.clear();
  ledger.sessions.worst.clear();
  const std::string fields = to_json(ledger);
  ++counts_.frames;
  sink.take(write_own_frame({"metlog.router", "metlogd", 6, "", fields, utc_now_ns()}, frame_));
}

}  // namespace metlog
