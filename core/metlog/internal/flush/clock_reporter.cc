#include "metlog/internal/flush/clock_reporter.h"

#include <cstdlib>

#include "metlog/severity.h"

namespace metlog {
namespace {

/// Seconds with their microseconds: -3600.000012.
std::string seconds_text(std::int64_t ns) {
  const std::int64_t us = std::llabs(ns) / 1000;
  std::string text(ns < 0 ? "-" : "");
  text.append(std::to_string(us / 1'000'000)).append(".");
  return text.append(std::to_string(1'000'000 + us % 1'000'000), 1, 6);
}

}  // namespace

void ClockReporter::add(const Timeline::Jump& jump) {
  Notice notice;
  notice.kind = Notice::Kind::kClock;
  notice.count = 1;
  notice.first_ns = jump.from_ns;
  notice.last_ns = jump.to_ns;
  notice.shift_ns = jump.to_ns - jump.from_ns;
  delivery_.used().for_each([&](std::uint32_t slot) {
    Destination* const destination = delivery_.destination(slot);
    if (destination == nullptr) return;
    // An earlier jump may have come back, which is reported together with this one.
    destination->take_back_notices();
    destination->unreported().add(notice);
  });
}

void ClockReporter::report() {
  delivery_.used().for_each([&](std::uint32_t slot) {
    Destination* const destination = delivery_.destination(slot);
    if (destination == nullptr) return;
    const Notice& jumps = destination->unreported().jumps();
    if (jumps.count == 0 || !destination->may_report()) return;
    const std::size_t key = destination->reporting_key();
    // Asked first, as in LossReporter::report().
    if (destination->try_reserve(key, 0) == nullptr) return;
    const Notice reported = jumps;
    if (!delivery_.deliver(message_of(reported), reported, slot, key)) return;
    destination->unreported().jumps_reported();
  });
}

EngineMessage ClockReporter::message_of(const Notice& jumps) const {
  const std::string shift = seconds_text(jumps.shift_ns);
  std::string payload(jumps.shift_ns < 0 ? "the clock was set back by "
                                         : "the clock was set forward by ");
  payload.append(shift, jumps.shift_ns < 0 ? 1 : 0).append(" s");
  return {"metlog.clock",
          std::move(payload),
          {{"from", time_text(jumps.first_ns)},
           {"to", time_text(jumps.last_ns)},
           {"seconds", shift, true},
           {"session", session_}},
          static_cast<int>(Severity::kNotice),
          jumps.last_ns};
}

}  // namespace metlog
