#pragma once

/// The macros; this is the header for call sites. Configuration and open() are in metlog.h.

#include "metlog/internal/base/hide_macros.inc"  // first

#include "metlog/call_limits.h"
#include "metlog/client.h"
#include "metlog/exception_text.h"
#include "metlog/internal/emit/call.h"

/// The least severe level that is compiled: 8 for everything, 7 for all but TRACE, 4 for WARNING
/// and above. Less severe calls leave no instruction and do not evaluate their arguments.
#ifndef METLOG_MIN_SEVERITY
#define METLOG_MIN_SEVERITY 8
#endif

/// Timers that are not compiled: comma-separated names, "*" for all.
#ifndef METLOG_DISABLED_TIMERS
#define METLOG_DISABLED_TIMERS ""
#endif

/// A log call: METLOG_INFO(log, "order {} for {} items", 4711, 3, metlog::kv("ms", 41.5));
/// The format is a literal, checked against the arguments at compile time and read as std::format
/// of C++20 does: `{}`, `{0}`, `{:[[fill]align][sign][#][0][width][.precision][L][type]}`. Width
/// and precision may be `{}` or `{0}`; `?` escapes strings and chars. Not read: numbers above 9999,
/// `%` of times and durations, any specification of containers, tuples, optionals and variants; see
/// docs/calls.md. Arguments of the form kv("key", value) become fields beside the text.
#define METLOG_TRACE(client, ...) METLOG_LOG_(client, kTrace, __VA_ARGS__)
#define METLOG_DEBUG(client, ...) METLOG_LOG_(client, kDebug, __VA_ARGS__)
#define METLOG_INFO(client, ...) METLOG_LOG_(client, kInfo, __VA_ARGS__)
#define METLOG_NOTICE(client, ...) METLOG_LOG_(client, kNotice, __VA_ARGS__)
#define METLOG_WARN(client, ...) METLOG_LOG_(client, kWarning, __VA_ARGS__)
#define METLOG_ERROR(client, ...) METLOG_LOG_(client, kError, __VA_ARGS__)
#define METLOG_CRITICAL(client, ...) METLOG_LOG_(client, kCritical, __VA_ARGS__)
#define METLOG_ALERT(client, ...) METLOG_LOG_(client, kAlert, __VA_ARGS__)
#define METLOG_EMERGENCY(client, ...) METLOG_LOG_(client, kEmergency, __VA_ARGS__)

/// A log call of severity ALERT. Appends a newline, unless the literal ends in one, and the text of
/// the current exception, or "None" outside a handler; see exception_text(). For other severities
/// or exceptions: METLOG_ERROR(log, "order {}\n{}", id, metlog::exception_text(error))
#define METLOG_EXCEPTION(client, text, ...) \
  METLOG_ALERT(client, text "{}" __VA_OPT__(, ) __VA_ARGS__, ::metlog::exception_after(text))

/// A structured event: METLOG_EVENT(log, "services", metlog::payload("foo"), metlog::kv("id", 25));
#define METLOG_EVENT(client, type, ...) \
  METLOG_CALL_(client, kEvent, kInfo, type __VA_OPT__(, ) __VA_ARGS__)

/// Adds to a counter: METLOG_INCR(log, "bytes", 512, metlog::rate(0.1)); the default count is 1.
#define METLOG_INCR(client, name, ...) \
  METLOG_CALL_(client, kCounter, kInfo, name __VA_OPT__(, ) __VA_ARGS__)

/// Times the rest of the enclosing scope. Further arguments (kv, rate, logger, severity) are
/// evaluated at the end of the scope. With a rate() the scope is chosen when it begins; one that is
/// not chosen reads no clock and evaluates no argument. A thread's first scope of a place is chosen
/// at its end, when the rate is known, and a changed rate takes effect after the next one that is
/// sent.
#define METLOG_TIMER(client, name, ...) \
  METLOG_TIMER_(client, __COUNTER__, name __VA_OPT__(, ) __VA_ARGS__)

/// Makes one in n calls of this place, every call for n below 2: METLOG_EVERY_N(1000, METLOG_WARN,
/// log, "queue holds {}", size); `call` is a macro from above except METLOG_TIMER; its own
/// arguments follow. The field `suppressed` is the number of calls, of all threads, that were not
/// made since the last one that was. A call that is not made evaluates no argument and costs at
/// most an atomic add. Calls that the client blocks do not count.
#define METLOG_EVERY_N(n, call, client, ...) METLOG_LIMITED_(EveryNth, n, call, client, __VA_ARGS__)
/// Makes at most one call of this place in so many seconds (a number, or a std::chrono::duration;
/// accurate to 10 ms), every call for 0, below and NaN, otherwise as METLOG_EVERY_N.
#define METLOG_EVERY_SECONDS(seconds, call, client, ...) \
  METLOG_LIMITED_(EverySeconds, seconds, call, client, __VA_ARGS__)
/// Make the first n calls of this place, none for n below 1, and the first one. The later ones are
/// not reported.
#define METLOG_FIRST_N(n, call, client, ...) METLOG_LIMITED_(FirstN, n, call, client, __VA_ARGS__)
#define METLOG_ONCE(call, client, ...) METLOG_LIMITED_(FirstN, 1, call, client, __VA_ARGS__)
/// Makes the call if the condition is true. The condition is always evaluated.
#define METLOG_IF(condition, call, ...) \
  do {                                  \
    if (condition) {                    \
      call(__VA_ARGS__);                \
    }                                   \
  } while (false)

// Implementation of the macros.

#define METLOG_LIMITED_(limit, quantity, call, client, ...)                                    \
  do {                                                                                         \
    struct metlog_place_ {};                                                                   \
    call(::metlog::limited(::metlog::LimitOf<::metlog::limit, metlog_place_>::value, quantity, \
                           (client)),                                                          \
         __VA_ARGS__);                                                                         \
  } while (false)

// No comma outside of parentheses, so that a call can be an argument of another macro.
#define METLOG_SITE_(tag, kind, severity, text_, ...)                                           \
  struct tag {                                                                                  \
    static constexpr ::metlog::SiteText text() {                                                \
      return ::metlog::site_text(::metlog::SiteKind::kind, ::metlog::Severity::severity, text_, \
                                 __FILE__, __PRETTY_FUNCTION__, ::std::uint32_t{__LINE__});     \
    }                                                                                           \
  }

#define METLOG_LOG_(client, severity, ...)                                                 \
  do {                                                                                     \
    if constexpr (static_cast<int>(::metlog::Severity::severity) <= METLOG_MIN_SEVERITY) { \
      METLOG_CALL_(client, kLog, severity, __VA_ARGS__);                                   \
    }                                                                                      \
  } while (false)

#define METLOG_CALL_(client, kind, severity, text_, ...)                     \
  do {                                                                       \
    METLOG_SITE_(metlog_site_, kind, severity, text_);                       \
    if (const auto& metlog_gate_ = (client).gate();                          \
        ::metlog::SiteOf<metlog_site_>::gate.admits(metlog_gate_)) {         \
      ::metlog::call<metlog_site_>(metlog_gate_ __VA_OPT__(, ) __VA_ARGS__); \
    }                                                                        \
  } while (false)

#define METLOG_TIMER_(client, number, ...) METLOG_TIMER_NUMBERED_(client, number, __VA_ARGS__)
#define METLOG_TIMER_NUMBERED_(client, number, name, ...)                             \
  METLOG_SITE_(metlog_site_##number, kTimer, kInfo, name);                            \
  const auto metlog_timer_##number =                                                  \
      (::metlog::make_scope_timer<metlog_site_##number,                               \
                                  ::metlog::is_listed(METLOG_DISABLED_TIMERS, name)>( \
          (client).gate(),                                                            \
          [&]([[maybe_unused]] auto&& metlog_emit_) { return metlog_emit_(__VA_ARGS__); }))

#include "metlog/internal/base/restore_macros.inc"  // last
