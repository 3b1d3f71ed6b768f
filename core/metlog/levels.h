#pragma once

/// Levels by the names of loggers: which log calls are made at all.

#include "metlog/internal/base/hide_macros.inc"  // first

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "metlog/severity.h"

namespace metlog {

// Names of loggers are a hierarchy: a level of `db` holds for `db.pool`, too, unless that has its
// own. The level of a client is the first of these that there is:
//
//   1. the rule of METLOG_LEVEL in the environment for its logger, or for the nearest name above,
//   2. ClientOptions::min_severity, or what set_level() or Client::set_min_severity() has set
//   since,
//   3. the rule of set_level() for its logger,
//   4. the same for the nearest name above it: a rule of set_level(), or the min_severity of an
//   open
//      client of that name,
//   5. Severity::kDebug: everything but TRACE.
//
// What has a lower level is not made, as Client::set_min_severity() says: a call costs one load
// then. All of this takes effect for open clients at once, and for those that are opened later.
//
// METLOG_LEVEL is read when the first client is opened:
// `METLOG_LEVEL="*=info,db=debug,net.tls=off"`.
// `*` stands for all loggers; a level alone, `METLOG_LEVEL=debug`, is the same. Levels are `trace`,
// `debug`, `info`, `notice`, `warning`, `error`, `critical`, `alert`, `emergency`, `off`, or 0
// to 8. A variable that is wrong has no effect, and standard error says what is wrong with it.
//
// Any thread may call these functions.

/// Sets the level of this logger and those below it; "*" for all. kSeverityOff: no log call, and no
/// event, counter or timer without a severity of its own. kInvalidArgument for a name with an empty
/// part, `=`, `,` or white space, and for another number than -1 to 8.
absl::Status set_level(std::string_view logger, Severity level);
/// Sets several, written as in METLOG_LEVEL. kInvalidArgument names what is wrong, and nothing has
/// changed.
absl::Status set_levels(std::string_view rules);
/// Removes what set_level() has set for this name; false when it had set nothing. Levels that it
/// gave to open clients of this very name stay theirs.
bool reset_level(std::string_view logger);
/// Returns the level that a client of this logger has if it is opened without a min_severity.
Severity level_of(std::string_view logger);
/// Returns the rules in effect, as set_levels() reads them: those of METLOG_LEVEL first, which come
/// before the others. For humans.
std::string levels_text();

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
