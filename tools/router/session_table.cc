#include "tools/router/session_table.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <array>
#include <limits>
#include <list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "metlog/internal/base/random_id.h"
#include "tools/router/stream_check.h"

namespace metlog {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

using SessionId = SequenceTable::SessionId;
using Clock = SessionTable::Clock;

// A client is taken for vanished after so many intervals without a message, and a second.
constexpr int kIntervalsToVanish = 3;
// Nothing has been open for longer, nor is reported less often.
constexpr microseconds kLongest = std::chrono::hours(24 * 365 * 20);

void add(std::uint64_t& sum, std::uint64_t more) {
  const std::uint64_t max = std::numeric_limits<std::uint64_t>::max();
  sum = sum > max - more ? max : sum + more;
}

microseconds within_reason(std::int64_t us) {
  return std::clamp(microseconds(us), microseconds(0), kLongest);
}

}  // namespace

SessionTable::Beginning SessionTable::Beginning::now() {
  return {Clock::now(), std::chrono::duration_cast<nanoseconds>(
                            std::chrono::system_clock::now().time_since_epoch())
                            .count()};
}

struct SessionTable::Client {
  StatsReport report;  // the last one
  Clock::time_point reported;
  std::vector<StreamCheck> streams;
};

struct SessionTable::Session {
  SessionId id;
  std::vector<Client> clients;  // by their numbers
  std::size_t stream_count = 0;
  std::uint64_t left_out = 0;
  bool has_died = false;
  bool has_losses = false;  // at the last report

  Client* client(std::uint64_t number) {
    const auto found = std::find_if(clients.begin(), clients.end(), [number](const Client& client) {
      return client.report.client == number;
    });
    return found == clients.end() ? nullptr : &*found;
  }
};

struct SessionTable::Sessions {
  // The one with the latest report first.
  std::list<Session> whole;
  std::list<Session> lossy;
  absl::flat_hash_map<SessionId, std::list<Session>::iterator> by_id;
  // Of the sessions that were forgotten, and all that was counted.
  SessionsLedger counts;
};

SessionTable::SessionTable(const SequenceTable& sequences, const Beginning& beginning)
    : sequences_(sequences), beginning_(beginning), sessions_(std::make_unique<Sessions>()) {}
SessionTable::~SessionTable() = default;

void SessionTable::forget_one() {
  std::list<Session>& from = sessions_->whole.empty() ? sessions_->lossy : sessions_->whole;
  const SessionLedger account = account_of(from.back(), Clock::now());
  add(sessions_->counts.lost_on_way, account.lost_on_way);
  add(sessions_->counts.undecided, account.undecided);
  ++sessions_->counts.forgotten;
  sessions_->by_id.erase(from.back().id);
  from.pop_back();
}

SessionTable::Session& SessionTable::session_of(const StatsReport& report) {
  const auto found = sessions_->by_id.find(report.session);
  if (found != sessions_->by_id.end()) return *found->second;
  if (sessions_->by_id.size() == kMaxSessions) forget_one();
  ++sessions_->counts.sessions;
  std::list<Session>& whole = sessions_->whole;
  whole.push_front({.id = report.session, .clients = {}});
  sessions_->by_id.emplace(report.session, whole.begin());
  return whole.front();
}

/// True when the report's streams were opened after this router had begun. By both clocks: the time
/// stamp is of another machine, and the message may have waited before it was sent.
bool SessionTable::was_here(const StatsReport& report, Clock::time_point now) const {
  if (report.open_us < 0) return false;
  const microseconds open = within_reason(report.open_us);
  const std::int64_t open_ns = nanoseconds(open).count();
  return now - open >= beginning_.steady &&
         report.utc_ns >= std::numeric_limits<std::int64_t>::min() + open_ns &&
         report.utc_ns - open_ns >= beginning_.utc_ns;
}

void SessionTable::follow(Client& client, Session& session, const StatsReport& report,
                          Clock::time_point now) {
  const bool here = was_here(report, now);
  for (const StatsReport::Stream& claim : report.streams) {
    auto check = std::find_if(
        client.streams.begin(), client.streams.end(),
        [&claim](const StreamCheck& known) { return known.claim().number == claim.number; });
    if (check == client.streams.end()) {
      if (session.stream_count == kMaxStreams) {
        ++session.left_out;
        continue;
      }
      ++session.stream_count;
      check = client.streams.emplace(client.streams.end(), claim.number);
    }
    const auto arrivals = sequences_.find(session.id, claim.number);
    check->note(claim, here, arrivals.has_value() ? &*arrivals : nullptr);
  }
}

void SessionTable::note_stats(const DecodedMessage& message, Clock::time_point now) {
  std::optional<StatsReport> report = read_stats_report(message);
  if (!report.has_value()) {
    ++sessions_->counts.bad_reports;
    return;
  }
  Session& session = session_of(*report);
  Client* client = session.client(report->client);
  if (client == nullptr) {
    if (session.clients.size() == kMaxClients) {
      ++session.left_out;
      return;
    }
    const auto after =
        std::find_if(session.clients.begin(), session.clients.end(),
                     [&](const Client& other) { return other.report.client > report->client; });
    client = &*session.clients.insert(after, Client{});
  } else if ((client->report.is_last && !report->is_last) ||
             report->emitted < client->report.emitted) {
    return;  // it came late
  }
  follow(*client, session, *report, now);
  client->report = std::move(*report);
  client->reported = now;

  const SessionLedger account = account_of(session, now);
  const bool had_losses =
      std::exchange(session.has_losses, account.lost_on_way != 0 || account.undecided != 0 ||
                                            account.lost_by_clients() != 0);
  std::list<Session>& from = had_losses ? sessions_->lossy : sessions_->whole;
  std::list<Session>& to = session.has_losses ? sessions_->lossy : sessions_->whole;
  to.splice(to.begin(), from, sessions_->by_id.at(session.id));
}

void SessionTable::note_death(const DecodedMessage& message) {
  const std::optional<SessionId> id = read_session_id(message.field("session").text);
  if (!id.has_value()) return;
  const auto found = sessions_->by_id.find(*id);
  if (found != sessions_->by_id.end()) found->second->has_died = true;
}

SessionLedger SessionTable::account_of(const Session& session, Clock::time_point now) const {
  SessionLedger ledger;
  ledger.session = id_text(session.id);
  ledger.left_out = session.left_out;
  bool is_numbered = false;
  for (const Client& client : session.clients) {
    ClientLedger& account = ledger.clients.emplace_back();
    account.report = client.report;
    const nanoseconds silent = std::max<nanoseconds>(now - client.reported, nanoseconds(0));
    account.silent_ns = static_cast<std::uint64_t>(silent.count());
    const microseconds interval = within_reason(client.report.interval_us);
    if (client.report.is_last) {
      account.state = Liveness::kClosed;
    } else if (session.has_died) {
      account.state = Liveness::kDied;
    } else if (interval.count() != 0 &&
               silent > kIntervalsToVanish * interval + std::chrono::seconds(1)) {
      account.state = Liveness::kVanished;
    }
    for (const StreamCheck& check : client.streams) {
      const auto arrivals = sequences_.find(session.id, check.claim().number);
      is_numbered |= arrivals.has_value();
      if (!arrivals.has_value() && sequences_.counts().forgotten != 0) {
        ++ledger.left_out;  // of what has come of it nothing is known any more
        continue;
      }
      StreamCheck::Result result =
          check.result(client.report.is_last, arrivals.has_value() ? &*arrivals : nullptr);
      add(account.lost_on_way, result.lost_on_way);
      add(account.undecided, result.undecided);
      account.streams.push_back(std::move(result.ledger));
    }
    ledger.program = client.report.program;
    ledger.hostname = client.report.hostname;
    ledger.pid = client.report.pid;
  }
  if (is_numbered) {
    ledger.evidence = LossEvidence::kNumbers;
    for (const ClientLedger& client : ledger.clients) {
      add(ledger.lost_on_way, client.lost_on_way);
      add(ledger.undecided, client.undecided);
    }
  } else {
    add_counts(session, ledger);
  }
  return ledger;
}

/// True when another session has the same host and pid: plain messages name no session.
bool SessionTable::has_namesake(const Session& session, const SessionLedger& ledger) const {
  const auto is_namesake = [&](const Session& other) {
    if (other.id == session.id || other.clients.empty()) return false;
    const StatsReport& report = other.clients.front().report;
    return report.pid == ledger.pid && report.hostname == ledger.hostname;
  };
  return std::any_of(sessions_->lossy.begin(), sessions_->lossy.end(), is_namesake) ||
         std::any_of(sessions_->whole.begin(), sessions_->whole.end(), is_namesake);
}

/// Of plain messages only those of a whole process can be counted, once it has ended.
void SessionTable::add_counts(const Session& session, SessionLedger& ledger) const {
  std::uint64_t sent = 0;
  const PlainArrivals::Count came = plain_.of(ledger.hostname, ledger.pid);
  const auto give_up = [&ledger](std::string_view why) { ledger.unknown_because = why; };
  for (ClientLedger& client : ledger.clients) {
    client.lost_on_way = client.undecided = 0;
    client.streams.clear();
  }
  for (const Client& client : session.clients) {
    if (!client.report.is_last) return give_up("a client has not sent its last account");
    if (client.report.has_silent_clients) {
      return give_up("another client of the process sends no metlog.stats");
    }
    add(sent, 1);  // the last account
    for (const StreamCheck& check : client.streams) {
      if (!check.began_here()) return give_up("it began before this router");
      if (check.claim().settled != check.claim().numbered) {
        return give_up("a client has ended before all was sent or lost");
      }
      add(sent, check.claim().numbered - check.claim().lost);
    }
  }
  if (ledger.left_out != 0) return give_up("it has too many clients");
  if (!came.is_whole) return give_up("this router has forgotten processes");
  if (has_namesake(session, ledger)) return give_up("its process has another session");
  if (came.messages > sent) return give_up("more has come than was sent");
  ledger.evidence = LossEvidence::kCounts;
  ledger.lost_on_way = sent - came.messages;
}

SessionsLedger SessionTable::ledger(std::size_t max_sessions, Clock::time_point now) const {
  SessionsLedger ledger = sessions_->counts;
  const auto add_all = [&](const std::list<Session>& sessions) {
    for (const Session& session : sessions) {
      SessionLedger account = account_of(session, now);
      add(ledger.lost_on_way, account.lost_on_way);
      add(ledger.undecided, account.undecided);
      ledger.worst.push_back(std::move(account));
    }
  };
  add_all(sessions_->lossy);
  add_all(sessions_->whole);
  const auto lost = [](const SessionLedger& session) {
    std::uint64_t sum = session.lost_on_way;
    add(sum, session.undecided);
    add(sum, session.lost_by_clients());
    return sum;
  };
  std::stable_sort(ledger.worst.begin(), ledger.worst.end(),
                   [&](const auto& a, const auto& b) { return lost(a) > lost(b); });
  if (ledger.worst.size() > max_sessions) ledger.worst.resize(max_sessions);
  return ledger;
}

}  // namespace metlog
