#include "tools/metlog/recover.h"

#include <fmt/format.h>

#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "metlog/internal/base/url.h"
#include "metlog/internal/recovery/recovery.h"
#include "tools/console/escape_for_terminal.h"
#include "tools/console/report.h"
#include "tools/console/stop_signal.h"

namespace metlog {
namespace {

std::string messages(std::uint64_t count) {
  return fmt::format("{} {}", grouped(count), count == 1 ? "message" : "messages");
}

/// Throws away what is above the limit, and says it; true when that was nothing.
bool keep_at_most(Recovery& recovery, std::uint64_t bytes) {
  std::uint64_t purged = 0;
  for (const RecoveryReport& session : recovery.purge_above(bytes, stop_requested)) {
    purged += session.purged;
    if (session.purged == 0) continue;
    fmt::print("{} ({}): {} thrown away, {} bytes freed\n", escape_for_terminal(session.app),
               session.pid, messages(session.purged), grouped(session.freed_bytes));
  }
  return purged == 0;
}

std::string line_of(const RecoveryReport& report, bool is_purged) {
  std::string how = report.signal == 0 ? "died" : fmt::format("died by signal {}", report.signal);
  std::string line = fmt::format("{} ({}) {}: {} found", escape_for_terminal(report.app),
                                 report.pid, how, messages(report.found()));
  if (is_purged) return line + ", thrown away";
  if (report.found() != 0) line += fmt::format(", {} delivered", grouped(report.sent));
  if (report.lost != 0) line += fmt::format(", {} too long", grouped(report.lost));
  if (report.left != 0) line += fmt::format(", {} left for the next time", grouped(report.left));
  if (report.undecodable != 0) {
    line += fmt::format(", {} unreadable", grouped(report.undecodable));
  }
  if (report.refused != 0 && report.clients.empty()) {
    line += fmt::format(", {} had found no room", grouped(report.refused));
  }
  if (report.damaged_cells != 0) {
    line += fmt::format(", {} damaged cells", grouped(report.damaged_cells));
  }
  return line;
}

/// The account of a client: "  'http': 1,000 emitted = 900 delivered + 90 recovered + 10 lost".
std::string line_of(const DeadClient& client) {
  std::string line = fmt::format("  '{}': {} emitted = {} delivered + {} recovered",
                                 escape_for_terminal(client.logger), grouped(client.emitted),
                                 grouped(client.delivered), grouped(client.recovered));
  if (client.thrown_away != 0)
    line += fmt::format(" + {} thrown away", grouped(client.thrown_away));
  if (client.filtered != 0) line += fmt::format(" + {} filtered", grouped(client.filtered));
  for (std::size_t i = 0; i < kLossReasonCount; ++i) {
    const std::uint64_t lost = client.lost.by_reason[i];
    if (lost == 0) continue;
    line += fmt::format(" + {} lost ({})", grouped(lost), name_of(static_cast<LossReason>(i)));
  }
  if (client.in_flight != 0) line += fmt::format(" + {} not returned", client.in_flight);
  return line + fmt::format("; {} unexplained", client.unexplained);
}

/// Says what became of a session; true when all of it was delivered.
bool say(const RecoveryReport& session, bool is_purged) {
  if (!session.app.empty()) fmt::print("{}\n", line_of(session, is_purged));
  for (const DeadClient& client : session.clients) {
    if (client.emitted != 0) fmt::print("{}\n", line_of(client));
  }
  for (const std::string& damage : session.damage) report(escape_for_terminal(damage));
  for (const std::string& complaint : session.complaints) {
    report(escape_for_terminal(complaint));
  }
  return session.lost + session.left + session.undecodable == 0 && session.complaints.empty();
}

bool purge_all(Recovery& recovery) {
  bool is_done = true;
  for (const std::string& name : recovery.sessions()) {
    const absl::StatusOr<RecoveryReport> purged = recovery.purge(name);
    const absl::Status& status = purged.status();
    if (absl::IsFailedPrecondition(status) || absl::IsNotFound(status)) continue;  // lives; is gone
    if (purged.ok()) {
      say(*purged, true);
    } else {
      report(escape_for_terminal(std::string(purged.status().message())));
    }
    is_done &= purged.ok();
  }
  return is_done;
}

/// Recovers all that is there; what could not be delivered is said once.
bool recover_once(Recovery& recovery, const RecoverOptions& options, std::set<std::string>& said) {
  bool is_done = true;
  for (const RecoveryReport& session : recovery.recover_all()) {
    const bool is_delivered =
        session.is_removed || said.count(session.session) == 0 ? say(session, false) : false;
    if (!is_delivered) said.insert(session.session);
    is_done &= is_delivered;
  }
  if (options.max_bytes.has_value()) is_done &= keep_at_most(recovery, *options.max_bytes);
  std::fflush(stdout);
  return is_done;
}

}  // namespace

int run_recover(const RecoverOptions& options) {
  Recovery::Options how;
  how.to = options.out.empty() ? options.to : file_url(options.out).text;
  how.limit = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(options.wait_s));
  how.should_stop = stop_requested;
  absl::StatusOr<std::unique_ptr<Recovery>> recovery = Recovery::open(options.directory, how);
  const bool is_default = options.directory.empty();
  if (is_default && absl::IsNotFound(recovery.status()) && !options.follows) return kExitDone;
  if (!recovery.ok()) return refuse("DIR", recovery.status());
  if (options.purges) return purge_all(**recovery) ? kExitDone : kExitLost;
  install_stop_signals();
  std::set<std::string> said;
  bool is_done = recover_once(**recovery, options, said);
  while (options.follows && !stop_requested()) {
    for (int i = 0; i < 10 && !stop_requested(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    is_done = recover_once(**recovery, options, said);
  }
  return is_done ? kExitDone : kExitLost;
}

}  // namespace metlog
