#pragma once

namespace metlog {

/// Makes SIGINT, SIGTERM and SIGHUP ask the program to stop; a second one of the same kind kills
/// it. Ignores SIGPIPE and SIGXFSZ, so that a reader that went away and a file at the process's
/// limit are errors of the write.
void install_stop_signals();

/// True when one of them has arrived. May be called by any thread.
bool stop_requested();

}  // namespace metlog
