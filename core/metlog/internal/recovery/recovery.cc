#include "metlog/internal/recovery/recovery.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/recovery/recovery_marks.h"
#include "metlog/internal/recovery/session_list.h"

namespace metlog {

absl::StatusOr<std::unique_ptr<Recovery>> Recovery::open(const std::string& directory,
                                                         Options options) {
  absl::StatusOr<UniqueFd> fd = open_sessions(directory);
  if (!fd.ok()) return fd.status();
  return std::unique_ptr<Recovery>(new Recovery(*std::move(fd), std::move(options)));
}

std::vector<std::string> Recovery::sessions() const {
  remove_remains(parent_fd_.get());
  std::vector<std::string> names;
  for (ListedSession& session : list_sessions(parent_fd_.get())) {
    names.push_back(std::move(session.name));
  }
  return names;
}

/// Opens a session that holds something. One that holds nothing is removed.
absl::StatusOr<std::unique_ptr<SessionRecovery>> Recovery::open_session(const std::string& name,
                                                                        bool drops_calls) {
  const std::uint32_t most = pass_.options.max_attempts;
  if (most != 0 && begin_attempt(parent_fd_.get(), name, most) >= most) {
    return absl::ResourceExhaustedError(absl::StrCat(
        name, ": ", most, " programs have ended while they read it; run `metlog recover`"));
  }
  absl::StatusOr<std::unique_ptr<DeadSession>> dead = DeadSession::open(parent_fd_.get(), name);
  if (!dead.ok()) return dead.status();
  if ((*dead)->holds_nothing()) {
    (*dead)->remove();
    return absl::NotFoundError(absl::StrCat(name, " held nothing"));
  }
  return std::make_unique<SessionRecovery>(pass_, *std::move(dead), drops_calls);
}

absl::StatusOr<RecoveryReport> Recovery::recover(const std::string& session) {
  absl::StatusOr<std::unique_ptr<SessionRecovery>> recovery = open_session(session, false);
  if (!recovery.ok()) return recovery.status();
  (*recovery)->collect();
  (*recovery)->deliver();
  return (*recovery)->report();
}

absl::StatusOr<RecoveryReport> Recovery::purge(const std::string& session) {
  absl::StatusOr<std::unique_ptr<SessionRecovery>> recovery = open_session(session, true);
  if (!recovery.ok()) return recovery.status();
  (*recovery)->collect();
  (*recovery)->remove();
  RecoveryReport report = (*recovery)->report();
  report.lost = report.found();
  return report;
}

std::vector<RecoveryReport> Recovery::recover_all() {
  std::vector<RecoveryReport> reports;
  begin_pass();
  remove_remains(parent_fd_.get());
  for (const ListedSession& session : list_sessions(parent_fd_.get())) {
    if (pass_.options.should_stop()) break;
    if (!session.is_dead) continue;
    absl::StatusOr<RecoveryReport> report = recover(session.name);
    if (report.ok()) {
      reports.push_back(*std::move(report));
    } else if (!absl::IsFailedPrecondition(report.status()) && !absl::IsNotFound(report.status())) {
      // One that another process recovers, or that is gone, is no fault.
      reports.emplace_back();
      reports.back().session = session.name;
      reports.back().complaints.emplace_back(report.status().message());
    }
  }
  return reports;
}

/// Throws away what calls left, or removes the session if that has been done or if nobody can read
/// it. An error when there is nothing to do in this way.
absl::StatusOr<RecoveryReport> Recovery::throw_away(const std::string& session, bool removes) {
  absl::StatusOr<std::unique_ptr<SessionRecovery>> opened = open_session(session, true);
  if (removes && absl::IsInvalidArgument(opened.status())) {
    DeadSession::remove_unreadable(parent_fd_.get(), session);
    RecoveryReport report;
    report.session = session;
    report.is_removed = true;
    report.complaints.emplace_back(opened.status().message());
    return report;
  }
  if (!opened.ok()) return opened.status();
  if ((*opened)->is_purged() != removes) return absl::NotFoundError("nothing to throw away");
  (*opened)->collect();
  (*opened)->throw_away();
  return (*opened)->report();
}

std::vector<RecoveryReport> Recovery::purge_above(std::uint64_t bytes,
                                                  const std::function<bool()>& is_enough) {
  std::vector<RecoveryReport> reports;
  std::vector<ListedSession> sessions = list_sessions(parent_fd_.get());
  std::erase_if(sessions, [](const ListedSession& session) { return !session.is_dead; });
  std::vector<std::uint64_t> sizes;
  std::uint64_t total = 0;
  for (const ListedSession& session : sessions) {
    sizes.push_back(session_bytes(parent_fd_.get(), session.name));
    total += sizes.back();
  }
  // First what calls left, then the reports of that.
  for (const bool removes : {false, true}) {
    for (std::size_t i = 0; i < sessions.size(); ++i) {
      if (total <= bytes || is_enough()) return reports;
      absl::StatusOr<RecoveryReport> report = throw_away(sessions[i].name, removes);
      if (!report.ok()) continue;
      const std::uint64_t before =
          std::exchange(sizes[i], session_bytes(parent_fd_.get(), sessions[i].name));
      const std::uint64_t freed = before - std::min(before, sizes[i]);
      total -= std::min(total, freed);
      reports.push_back(*std::move(report));
      reports.back().freed_bytes = freed;
    }
  }
  return reports;
}

std::uint64_t leftover_limit(int directory_fd, std::optional<std::uint64_t> wanted) {
  constexpr std::uint64_t kUsual = std::uint64_t{256} << 20;
  const std::uint64_t all = file_system_room(directory_fd).all;
  if (all == 0) return wanted.value_or(kUsual);
  return wanted.has_value() ? std::min(*wanted, all / 2) : std::min(kUsual, all / 4);
}

}  // namespace metlog
