#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include "metlog/internal/emit/signal_scope.h"
#include "metlog/log.h"

/// A call inside a signal handler, also inside one that has interrupted a log call:
///
///     METLOG_SIGNAL_SAFE(METLOG_WARN, log, "signal {}", number);
///
/// It allocates nothing, takes no lock and never waits, as long as its arguments do not: numbers
/// and strings. A handler must not leave the call by a jump. docs/calls.md has the rest.
#define METLOG_SIGNAL_SAFE(log_macro, ...)            \
  do {                                                \
    (void)::metlog::SignalRings<0>::kWanted;          \
    const ::metlog::SignalScope metlog_signal_scope_; \
    log_macro(__VA_ARGS__);                           \
  } while (false)

#include "metlog/internal/base/restore_macros.inc"  // last
