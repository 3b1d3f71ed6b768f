#include "metlog/internal/engine/client_outputs.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <utility>

#include "metlog/engine.h"
#include "metlog/internal/engine/engine_state.h"
#include "metlog/internal/engine/exit.h"

namespace metlog {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

CallRules::CallRules(const OpenSlot& open)
    : mask(std::make_shared<const CallMask>(open.options.filters, open.options.severity)),
      level(open.level) {}

ClientOutputs::ClientOutputs(Engine& engine, std::vector<std::uint32_t> slots,
                             std::vector<std::string> urls, std::vector<CallRules> rules)
    : engine_(engine),
      slots_(std::move(slots)),
      urls_(std::move(urls)),
      rules_(std::move(rules)),
      last_(slots_.size()),
      last_connections_(slots_.size()) {}

std::vector<CallRules> ClientOutputs::rules() const {
  const std::lock_guard lock(mutex_);
  return rules_;
}

void ClientOutputs::replace(const std::string& url, const CallRules& rules) {
  const std::lock_guard lock(mutex_);
  urls_ = {url};
  rules_ = {rules};
}

Ledger ClientOutputs::stats_of(std::size_t output) const {
  // acquire, both: pair with end(), after which the account is constant
  if (is_ended_.load(std::memory_order_acquire)) return last_[output];
  const Ledger ledger = engine_.stats(slots_[output]);
  // Again: another thread may have closed the client, and the slot may be reused.
  return is_ended_.load(std::memory_order_acquire) ? last_[output] : ledger;
}

Ledger ClientOutputs::stats() const {
  Ledger sum;
  for (std::size_t i = 0; i < slots_.size(); ++i) sum += stats_of(i);
  return sum;
}

std::vector<ClientOutputStats> ClientOutputs::all() const {
  std::vector<ClientOutputStats> all;
  {
    const std::lock_guard lock(mutex_);
    for (const std::string& url : urls_) all.push_back({url, {}, {}});
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].ledger = stats_of(i);
    all[i].connections = connections_of(i);
  }
  return all;
}

namespace {

/// Of its present senders; those of earlier destinations are gone.
ConnectionCounts connections_in(const Destination* destination) {
  ConnectionCounts sum;
  const std::size_t count = destination == nullptr ? 0 : destination->queue_count();
  for (std::size_t i = 0; i < count; ++i) sum += destination->queue(i).sender().connections();
  return sum;
}

}  // namespace

ConnectionCounts ClientOutputs::connections_of(std::size_t output) const {
  // acquire, both: as in stats_of()
  if (is_ended_.load(std::memory_order_acquire)) return last_connections_[output];
  if (!engine_.state()->belongs_to_this_process()) return {};
  const ConnectionCounts counts =
      engine_.state()->flusher->with_account(slots_[output], connections_in);
  return is_ended_.load(std::memory_order_acquire) ? last_connections_[output] : counts;
}

FlushResult ClientOutputs::flush(nanoseconds limit) const {
  const steady_clock::time_point deadline = steady_clock::now() + limit;
  FlushResult result{Handover::kPeer};
  for (const std::uint32_t slot : slots_) {
    // Checked before it waits, so one that has nothing left is not too late.
    const FlushResult one = engine_.flush(slot, deadline - steady_clock::now());
    result.handover = std::min(result.handover, one.handover);
  }
  return result;
}

std::optional<Receipt> ClientOutputs::close(nanoseconds limit, const char* when) {
  const steady_clock::time_point deadline = steady_clock::now() + limit;
  if (!engine_.state()->belongs_to_this_process()) return std::nullopt;
  std::array<LossCounts, kMaxDestinations> before{};
  for (std::size_t i = 0; i < slots_.size() && when != nullptr; ++i) before[i] = stats_of(i).lost;
  const Receipt receipt = close_in_turn(deadline);
  for (std::size_t i = 0; i < slots_.size() && when != nullptr; ++i) {
    ProcessExit::say_losses(engine_, slots_[i], when, before[i], last_[i]);
  }
  return receipt;
}

/// First the destinations that take messages, as another one may use up the time.
Receipt ClientOutputs::close_in_turn(steady_clock::time_point deadline) {
  constexpr std::chrono::milliseconds kTurn{20};
  Engine::State& state = *engine_.state();
  Receipt sum{0, 0, 0, true, Handover::kPeer};
  std::bitset<kMaxDestinations> is_closed;
  while (is_closed.count() < slots_.size()) {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (is_closed[i]) continue;
      const bool is_last = is_closed.count() + 1 == slots_.size();
      const steady_clock::time_point turn = std::min(deadline, steady_clock::now() + kTurn);
      const bool is_settled = is_last || state.wait_until_settled(slots_[i], turn).has_value();
      if (!is_settled && steady_clock::now() < deadline) continue;
      const Receipt one = engine_.close(slots_[i], deadline - steady_clock::now(), last_[i]);
      last_connections_[i] = connections_of(i);
      is_closed.set(i);
      sum.sent += one.sent;
      sum.lost += one.lost;
      sum.confirmed &= one.confirmed;
      sum.handover = std::min(sum.handover, one.handover);
    }
  }
  return sum;
}

void ClientOutputs::end(bool is_closed) {
  is_ended_.store(true, std::memory_order_release);  // pairs with stats_of()
  if (!is_closed) return;
  for (const std::uint32_t slot : slots_) engine_.forget(slot);
}

void ClientOutputs::leave_behind() const {
  for (const std::uint32_t slot : slots_) ProcessExit::leave_behind(engine_, slot);
}

}  // namespace metlog
