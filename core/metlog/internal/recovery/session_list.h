#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"

namespace metlog {

/// A session in the directory of sessions.
struct ListedSession {
  std::string name;
  std::int64_t started_ns = 0;  // UTC; 0 while it is not known
  bool is_dead = false;         // no process has it
};

/// Opens a directory of sessions; empty for the default, /dev/shm/metlog-<uid>. kNotFound when
/// there is none, kPermissionDenied when it is another user's, or others may write there.
absl::StatusOr<UniqueFd> open_sessions(const std::string& directory);

/// Lists the sessions, the oldest first, living ones too. One that this process has open, which may
/// be by another copy of this library, is not touched: closing a descriptor of its file would give
/// up the process's lock on it.
std::vector<ListedSession> list_sessions(int parent_fd);
/// A quick look: true when a session may be dead, false when all live. Looks at no more than `most`
/// of them, and says true when there are others.
bool may_have_dead_session(int parent_fd, std::size_t most);
/// Removes what is left of sessions that never became one, and of some that were removed.
void remove_remains(int parent_fd);

/// Returns the process id in the name of a session, PROGRAM.PID.ID; 0 when there is none.
pid_t pid_in(const std::string& name);

/// Returns the memory that the files of a session take.
std::uint64_t session_bytes(int parent_fd, const std::string& name);

/// The file system of a directory of sessions, in bytes.
struct FileSystemRoom {
  std::uint64_t all = 0;
  std::uint64_t free = 0;
};
FileSystemRoom file_system_room(int parent_fd);

}  // namespace metlog
