#pragma once

namespace metlog {

/// From now on SIGINT, SIGTERM and SIGHUP ask the program to stop, once: the second one kills it.
/// SIGPIPE is ignored, so that a reader that went away is an error of that write only.
void install_stop_signals();

/// Whether one of them has arrived.
bool stop_requested();

}  // namespace metlog
