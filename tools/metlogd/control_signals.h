#pragma once

namespace metlog {

// The signals by which a running metlogd is asked for something:
//
//   SIGHUP    a log rotation has moved its files: look at their paths
//   SIGUSR1   show the ledger
//
// A handler only notes that it was called; the main loop asks for the notes. All functions are for
// the main thread. Signals reach no other: the queues' threads and libzmq's block them.

/// Makes both signals ask for something, instead of ending metlogd. Call after
/// install_stop_signals(), which takes SIGHUP for an end.
void install_control_signals();

/// True once after each SIGHUP; several that came together are one.
bool take_hangup();

/// True once after each SIGUSR1; several that came together are one.
bool take_ledger_request();

/// True when metlogd was started on a terminal that is gone now. A SIGHUP then is about that:
/// the program can no longer be seen, or ended by Ctrl-C.
bool has_lost_terminal();

}  // namespace metlog
