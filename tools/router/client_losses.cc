#include "tools/router/client_losses.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <limits>
#include <list>
#include <string>
#include <utility>

namespace metlog {
namespace {

constexpr std::size_t kMaxSessionBytes = 32;

struct Key {
  std::string session;
  std::uint64_t client;

  friend bool operator==(const Key&, const Key&) = default;

  template <class H>
  friend H AbslHashValue(H hash, const Key& key) {
    return H::combine(std::move(hash), key.session, key.client);
  }
};

void add(std::uint64_t& sum, std::uint64_t more) {
  const std::uint64_t max = std::numeric_limits<std::uint64_t>::max();
  sum = sum > max - more ? max : sum + more;
}

/// The number in a field; 0 if there is none, or none that counts something.
std::uint64_t count_in(const DecodedMessage& message, std::string_view key) {
  constexpr double kMax = 9007199254740992.0;  // 2^53: integers up to it are exact
  const JsonValue value = message.field(key);
  if (value.kind != JsonValue::Kind::kNumber || !(value.number >= 0)) return 0;
  return static_cast<std::uint64_t>(std::min(value.number, kMax));
}

/// The total that a message says; what messages have reported when it says none.
std::uint64_t total_in(const DecodedMessage& message, std::string_view key,
                       std::uint64_t reported) {
  // Reported can be more than the total: with several endpoints, a message that one of them has not
  // taken comes to the others again.
  const bool has_totals = message.field("total").kind == JsonValue::Kind::kNumber;
  return has_totals ? count_in(message, key) : reported;
}

/// Raises a client's total to what a message says, and the sum over all clients with it.
void raise(std::uint64_t& total, std::uint64_t& sum, std::uint64_t said) {
  if (said <= total) return;
  add(sum, said - total);
  total = said;
}

}  // namespace

struct ClientLosses::Client {
  Key key;
  std::uint64_t lost = 0;
  LossCounts lost_by_reason;
  std::uint64_t reported = 0;
  LossCounts reported_by_reason;

  [[nodiscard]] std::uint64_t unreported() const { return lost - std::min(lost, reported); }
};

struct ClientLosses::Clients {
  std::list<Client> by_age;  // the one with the latest message first
  absl::flat_hash_map<Key, std::list<Client>::iterator> by_key;
};

ClientLosses::ClientLosses() : clients_(std::make_unique<Clients>()) {}
ClientLosses::~ClientLosses() = default;

ClientLosses::Client& ClientLosses::client_of(const DecodedMessage& message) {
  std::list<Client>& by_age = clients_->by_age;
  const JsonValue session = message.field("session");
  Key key{std::string(session.text.substr(0, kMaxSessionBytes)), count_in(message, "client")};
  const auto found = clients_->by_key.find(key);
  if (found != clients_->by_key.end()) {
    by_age.splice(by_age.begin(), by_age, found->second);
    return by_age.front();
  }
  if (by_age.size() == kMaxClients) {
    ++counts_.forgotten;
    clients_->by_key.erase(by_age.back().key);
    by_age.pop_back();
  }
  ++counts_.clients;
  by_age.push_front({.key = key, .lost_by_reason = {}, .reported_by_reason = {}});
  clients_->by_key.emplace(std::move(key), by_age.begin());
  return by_age.front();
}

void ClientLosses::note(const DecodedMessage& message) {
  Client& client = client_of(message);
  const std::uint64_t unreported_before = client.unreported();
  const std::uint64_t count = count_in(message, "count");
  const std::string reason(message.field("reason").text);
  add(client.reported, count);
  raise(client.lost, counts_.lost, total_in(message, "total", client.reported));
  for (std::size_t i = 0; i < kLossReasonCount; ++i) {
    const std::string name(name_of(static_cast<LossReason>(i)));
    std::uint64_t& reported = client.reported_by_reason.by_reason[i];
    if (reason == name) add(reported, count);
    raise(client.lost_by_reason.by_reason[i], counts_.lost_by_reason.by_reason[i],
          total_in(message, "total_" + name, reported));
  }
  counts_.unreported += client.unreported() - unreported_before;  // modulo 2^64: it may become less
}

}  // namespace metlog
