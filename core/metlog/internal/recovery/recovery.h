#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/recovery/session_recovery.h"

namespace metlog {

/// Delivers what dead processes have left in the sessions of a directory, each to its own
/// destination or all to one, reports each death there (metlog.death), and removes what is done.
///
/// It works as the flusher did: what was in the rings is put into batches first, files of the same
/// session, and then these are sent. So it may be ended at any moment and begun again: nothing is
/// lost, and what is sent twice has the same stream and number. A file gets nothing twice.
/// Used by one thread.
class Recovery {
 public:
  using Options = RecoveryOptions;

  /// `directory` is the parent of the sessions. Errors as open_sessions().
  static absl::StatusOr<std::unique_ptr<Recovery>> open(const std::string& directory,
                                                        Options options);

  /// Returns the names of the sessions, the oldest first, living ones too. Removes what is left of
  /// sessions that never became one.
  [[nodiscard]] std::vector<std::string> sessions() const;
  /// Forgets which destinations have failed: they are tried again.
  void begin_pass() { pass_.failed.clear(); }
  /// Recovers one. kFailedPrecondition while its process lives; errors as DeadSession::open().
  absl::StatusOr<RecoveryReport> recover(const std::string& session);
  /// Removes one without delivering anything; errors as recover(). The report says what is lost.
  absl::StatusOr<RecoveryReport> purge(const std::string& session);
  /// Recovers all that are dead. Those that could not be read are in `complaints` of a report.
  std::vector<RecoveryReport> recover_all();
  /// Throws away what calls left in dead sessions, the oldest first, until all dead ones together
  /// take at most `bytes`, or until `is_enough` says so. A session keeps how many messages that
  /// were, and the next recovery sends a metlog.loss message about them; if that is still too much,
  /// sessions that hold nothing else, or that nobody can read, are removed. Returns what became of
  /// each.
  std::vector<RecoveryReport> purge_above(
      std::uint64_t bytes, const std::function<bool()>& is_enough = [] { return false; });

  [[nodiscard]] int directory_fd() const { return parent_fd_.get(); }

 private:
  Recovery(UniqueFd parent_fd, Options options)
      : parent_fd_(std::move(parent_fd)), pass_{std::move(options), {}, {}} {}
  [[nodiscard]] absl::StatusOr<std::unique_ptr<SessionRecovery>> open_session(
      const std::string& name, bool drops_calls);
  absl::StatusOr<RecoveryReport> throw_away(const std::string& session, bool removes);

  const UniqueFd parent_fd_;
  RecoveryPass pass_;
};

/// Returns how many bytes dead sessions may keep in a directory: `wanted`, at most half of its file
/// system; without it the smaller of 256 MiB and a quarter of that.
std::uint64_t leftover_limit(int directory_fd, std::optional<std::uint64_t> wanted);

}  // namespace metlog
