#pragma once

namespace metlog {

// A process may be started with descriptor 0, 1 or 2 closed. The next file or socket that anyone
// opens gets that number, and then holds what the host prints, or reads as its input.

/// Keeps descriptors 0 to 2 for their purpose: fills those that are closed, for good, so that all
/// that is opened afterwards, by us or by a library such as libzmq, is 3 or above. They stay closed
/// for every use: reading and writing fail with EBADF as before, and a started program does not
/// inherit them. dup2() and freopen() replace them as usual. Any thread; leaves errno alone.
void keep_standard_descriptors();

/// True when the descriptor is open for reading or writing; false for one that was filled.
bool is_usable_descriptor(int fd);

}  // namespace metlog
