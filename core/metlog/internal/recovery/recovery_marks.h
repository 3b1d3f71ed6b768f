#pragma once

#include <cstdint>
#include <string>

namespace metlog {

// What recoveries note for each other at the end of the file `session`, where its process writes
// nothing; docs/ring.md. `session_fd` is open for writing.

/// How many messages of calls were thrown away; 0 for none. Stored before they are removed.
std::uint64_t purged_mark(int session_fd);
void set_purged_mark(int session_fd, std::uint64_t count);

/// Counts an attempt to read the session, which damage may turn into the end of the process that
/// reads it. Returns how many were begun before and have not ended; none is counted beyond `most`.
/// Not for a session that this process has open: closing its file gives up a lock.
std::uint32_t begin_attempt(int parent_fd, const std::string& session, std::uint32_t most);
/// Says that it can be read.
void end_attempt(int session_fd);

}  // namespace metlog
