#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/sender.h"

namespace metlog {

class DeadSession;

/// What became of a session of a process that died.
struct RecoveryReport {
  std::string session;  // the name of its directory
  std::string app;
  std::uint32_t pid = 0;
  int signal = 0;                  // that ended it, if a crash handler knows; else 0
  std::uint64_t from_batches = 0;  // messages of calls that were drained and not sent
  std::uint64_t from_rings = 0;    // of calls that were not drained
  std::uint64_t undecodable = 0;   // records whose call site or client is not known
  std::uint64_t damaged_cells = 0;
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;     // too long for the destination, or thrown away
  std::uint64_t refused = 0;  // calls that had found their ring full, or were too large for it
  std::uint64_t left = 0;     // still in the session, for the next time
  std::vector<std::string> complaints;
  std::vector<std::string> damage;  // what was found nevertheless, for a person
  bool is_removed = false;

  [[nodiscard]] std::uint64_t found() const { return from_batches + from_rings; }
};

/// Delivers what dead processes have left in the sessions of a directory, each to its own
/// destination or all to one, reports each death there (metlog.death), and removes what is done.
///
/// It works as the flusher did: what was in the rings is put into batches first, files of the same
/// session, and then these are sent. So it may be ended at any moment and begun again: nothing is
/// lost, and what is sent twice has the same stream and number. A file gets nothing twice.
/// Used by one thread.
class Recovery {
 public:
  struct Options {
    std::string to;  // a URL; empty for each client's own destination
    std::chrono::nanoseconds limit = std::chrono::seconds(10);  // for each session
    std::function<bool()> should_stop = [] { return false; };   // asked often
  };

  /// `directory` is the parent of the sessions; empty for the default, /dev/shm/metlog-<uid>.
  /// kNotFound when there is none, kPermissionDenied when others may enter it.
  static absl::StatusOr<std::unique_ptr<Recovery>> open(const std::string& directory,
                                                        Options options);

  /// Returns the names of the sessions, the oldest first, living ones too. Removes what is left of
  /// sessions that never became one.
  [[nodiscard]] std::vector<std::string> sessions() const;
  /// Recovers one. kFailedPrecondition while its process lives; errors as DeadSession::open().
  absl::StatusOr<RecoveryReport> recover(const std::string& session);
  /// Removes one without delivering anything; errors as recover(). The report says what is lost.
  absl::StatusOr<RecoveryReport> purge(const std::string& session);
  /// Recovers all that are dead. Those that could not be read are in `complaints` of a report.
  std::vector<RecoveryReport> recover_all();

 private:
  class Run;

  Recovery(UniqueFd parent_fd, Options options)
      : parent_fd_(std::move(parent_fd)), options_(std::move(options)) {}
  [[nodiscard]] absl::StatusOr<std::unique_ptr<DeadSession>> open_session(
      const std::string& name) const;

  const UniqueFd parent_fd_;
  const Options options_;
  std::set<std::string> opened_;  // URLs: only the first sender may empty a file
  std::set<std::string> failed_;  // URLs that took not all, in this pass
};

}  // namespace metlog
