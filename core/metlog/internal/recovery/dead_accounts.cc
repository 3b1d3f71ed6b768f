#include "metlog/internal/recovery/dead_accounts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <optional>

#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/emit/producer.h"

namespace metlog {
namespace {

/// Reads the object at an offset of a file; false when it is not there. A hole is not read, or the
/// file system would have to allocate it.
template <class T>
bool read_at(int directory_fd, const std::string& file, std::uint64_t at, T& object) {
  const UniqueFd fd(
      ::openat(directory_fd, file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (!fd.is_open() || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
  const auto size = static_cast<ssize_t>(sizeof object);
  return ::pread(fd.get(), &object, sizeof object, static_cast<off_t>(at)) == size;
}

/// More than any process counts: damage.
constexpr std::uint64_t kMaxCount = std::uint64_t{1} << 56;

constexpr LossReason reason_of(std::size_t caller_loss) {
  return metlog::reason_of(static_cast<CallerLoss>(caller_loss));
}

}  // namespace

DeadAccounts::DeadAccounts(const DeadSession& session)
    : session_(session),
      is_incomplete_(!session.damage().empty() || !session.complaints().empty() || lacks_counts()) {
  read_clients();
  read_threads();
}

void DeadAccounts::read_clients() {
  AccountsHeader header;
  if (!read_at(session_.directory_fd(), "accounts", 0, header) || header.magic != kAccountsMagic ||
      header.abi != kAccountsAbi || header.account_bytes != sizeof(ClientAccount)) {
    return;
  }
  const auto read_account = [this](std::uint32_t slot, ClientAccount& account) {
    const std::uint64_t at = kAccountsHeaderBytes + slot * sizeof(ClientAccount);
    return read_at(session_.directory_fd(), "accounts", at, account);
  };
  for (std::uint32_t slot = 0; slot < kClientSlots; ++slot) {
    if (session_.clients().in_slot(slot) == nullptr) continue;
    Client client;
    ClientAccount& stored = client.stored;
    if (!read_account(slot, stored)) continue;
    // relaxed, all: the process is dead
    client.stream_begin = stored.stream_begin.load(Order::kRelaxed);
    if (client.stream_begin == 0) continue;
    const SentTotals& retired = stored.retired.get();
    client.stream_begin = std::max(client.stream_begin, retired.number);
    DeadClient& account = client.account;
    const SessionClient& known = *session_.clients().in_slot(slot);
    account.logger = known.logger;
    client.calls_of = known.first_slot.value_or(slot);
    ClientAccount calls{};
    if (!read_account(client.calls_of, calls)) continue;
    account.filtered = stored.filtered.load(Order::kRelaxed);
    account.delivered = retired.sent;
    account.lost = retired.lost;
    const std::uint64_t no_ring = calls.no_ring.load(Order::kRelaxed);
    const std::uint64_t forked = calls.forked.load(Order::kRelaxed);
    account.emitted = no_ring + forked;
    account.lost[LossReason::kNoRing] += no_ring;
    account.lost[LossReason::kForked] += forked;
    for (std::size_t i = 0; i < kLossReasonCount; ++i) {
      account.lost.by_reason[i] += stored.lost[i].load(Order::kRelaxed);
    }
    for (std::size_t i = 0; i < kCallerLossCount; ++i) {
      account.lost[reason_of(i)] += calls.unlisted[i].load(Order::kRelaxed);
    }
    clients_[slot] = client;
  }
}

void DeadAccounts::read_threads() {
  for (const std::string& file : session_.files()) {
    ThreadCounts counts;
    if (!file.ends_with(".counts") || !read_at(session_.directory_fd(), file, 0, counts) ||
        counts.magic != kCountsMagic || counts.abi != kCountsAbi) {
      continue;
    }
    ++threads_;
    for (auto& [slot, client] : clients_) add(client, counts);
  }
}

void DeadAccounts::add(Client& client, const ThreadCounts& counts) {
  const std::uint32_t slot = client.calls_of;
  // relaxed, all: the process is dead
  client.account.emitted += counts.emitted[slot].load(Order::kRelaxed);
  for (std::size_t i = 0; i < kCallerLossCount; ++i) {
    const ThreadCounts::Loss* const loss = counts.find(static_cast<CallerLoss>(i), slot);
    if (loss == nullptr) continue;
    client.account.lost[reason_of(i)] += loss->count.load(Order::kRelaxed);
    const std::uint64_t first = loss->first_stamp.load(Order::kRelaxed);
    std::uint64_t& earliest = client.first_stamp[i];
    if (earliest == 0 || static_cast<std::int64_t>(first - earliest) < 0) earliest = first;
    client.last_stamp[i] = std::max(client.last_stamp[i], loss->last_stamp.load(Order::kRelaxed));
  }
}

DeadAccounts::Client* DeadAccounts::client_of(std::uint32_t stream) {
  const std::optional<SessionClient> known = session_.clients().of_stream(stream);
  const auto found = known.has_value() ? clients_.find(known->slot) : clients_.end();
  const bool counts = found != clients_.end() && stream + 1 >= found->second.stream_begin;
  return counts ? &found->second : nullptr;
}

/// Forgets accounts whose numbers damage has changed: each has less than one can count, and more
/// losses than calls are none.
void DeadAccounts::drop_senseless() {
  std::erase_if(clients_, [](const auto& entry) {
    const DeadClient& account = entry.second.account;
    bool is_possible = account.emitted < kMaxCount && account.delivered < kMaxCount &&
                       account.filtered < kMaxCount;
    for (const std::uint64_t lost : account.lost.by_reason) is_possible &= lost < kMaxCount;
    return !is_possible || account.lost.total() > account.emitted + 1;
  });
}

/// True when a ring is there whose threads have counted in memory that ended with the process.
bool DeadAccounts::lacks_counts() const {
  const std::vector<std::string> files = session_.files();
  const auto has_counts = [&](const std::string& ring) {
    const std::string counts = ring.substr(0, ring.size() - 5) + ".counts";
    return std::find(files.begin(), files.end(), counts) != files.end();
  };
  return std::any_of(files.begin(), files.end(), [&](const std::string& file) {
    return file.ends_with(".ring") && !has_counts(file);
  });
}

void DeadAccounts::take(const Lanes& lanes) {
  for (auto& [slot, client] : clients_) client.unreported = client.stored.retired.get().reported;
  for (const auto& [stream, lane] : lanes.all()) {
    Client* const client = client_of(stream);
    if (client == nullptr) continue;
    const SentTotals& settled = lane->settled_totals();
    client->account.delivered += settled.sent;
    client->account.lost += settled.lost;
    client->unreported += settled.reported;
    client->unreported += lane->open_notices();
  }
  drop_senseless();
  // So far this is what was reported.
  for (auto& [slot, client] : clients_) {
    // An earlier recovery has found that damage, and said so.
    std::uint64_t& damaged = client.account.lost[LossReason::kDamaged];
    damaged = std::max(damaged, client.unreported[LossReason::kDamaged]);
    for (std::size_t i = 0; i < kLossReasonCount; ++i) {
      const auto left = static_cast<std::int64_t>(client.account.lost.by_reason[i] -
                                                  client.unreported.by_reason[i]);
      client.unreported.by_reason[i] = static_cast<std::uint64_t>(std::max<std::int64_t>(left, 0));
    }
  }
}

std::uint64_t DeadAccounts::report(std::uint32_t slot, LossReason reason, std::uint64_t count) {
  const auto found = clients_.find(slot);
  if (found == clients_.end()) return count;
  std::uint64_t& unreported = found->second.unreported[reason];
  const std::uint64_t reported = std::min(count, unreported);
  unreported -= reported;
  return is_incomplete_ ? count : reported;
}

std::vector<DeadAccounts::Unreported> DeadAccounts::unreported() const {
  std::vector<Unreported> all;
  for (const auto& [slot, client] : clients_) {
    for (std::size_t i = 0; i < kLossReasonCount; ++i) {
      if (client.unreported.by_reason[i] == 0) continue;
      const auto reason = static_cast<LossReason>(i);
      Unreported losses{slot, reason, client.unreported.by_reason[i], 0, 0,
                        // relaxed, both: the process is dead
                        client.stored.first_ns[i].load(Order::kRelaxed),
                        client.stored.last_ns[i].load(Order::kRelaxed)};
      for (std::size_t at = 0; at < kCallerLossCount; ++at) {
        if (reason_of(at) != reason) continue;
        losses.first_stamp = client.first_stamp[at];
        losses.last_stamp = client.last_stamp[at];
      }
      all.push_back(losses);
    }
  }
  return all;
}

std::int64_t DeadAccounts::missing_in(const DeadClient& account) {
  return static_cast<std::int64_t>(account.emitted - account.delivered - account.recovered -
                                   account.thrown_away - account.filtered - account.lost.total());
}

std::vector<DeadClient> DeadAccounts::close(const Lanes& lanes, std::uint64_t undecodable,
                                            std::uint64_t damaged) {
  for (const auto& [stream, lane] : lanes.all()) {
    Client* const client = client_of(stream);
    if (client == nullptr) continue;
    client->account.recovered += lane->user_count();
    client->account.thrown_away += lane->dropped_count();
  }
  std::vector<DeadClient> accounts;
  for (auto& [slot, client] : clients_) {
    DeadClient& account = client.account;
    std::int64_t missing = missing_in(account);
    if (is_incomplete_ && missing < -1) continue;
    // Whose they were is not known.
    missing -= std::min(std::max<std::int64_t>(missing, 0), static_cast<std::int64_t>(undecodable));
    if (missing > 0 && damaged != 0) {
      // Each place may have been one call.
      const std::uint64_t lost = std::min(static_cast<std::uint64_t>(missing), damaged);
      account.lost[LossReason::kDamaged] += lost;
      client.unreported[LossReason::kDamaged] += lost;
      missing -= static_cast<std::int64_t>(lost);
    }
    const bool is_in_flight = missing >= -1 && missing <= threads_;
    (is_in_flight ? account.in_flight : account.unexplained) = missing;
    accounts.push_back(account);
  }
  return accounts;
}

}  // namespace metlog
