#pragma once

namespace metlog {

/// Whether a few file descriptors are free. libzmq ends the process when it runs out of them in
/// the middle of making a socket, so one asks before.
bool has_spare_descriptors();

}  // namespace metlog
