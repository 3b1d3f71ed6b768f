#include "metlog/internal/engine/client_outputs.h"

#include <unistd.h>

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

ClientOutputs::ClientOutputs(Engine& engine, Outputs outputs)
    : engine_(engine), outputs_(std::move(outputs)) {}

std::vector<std::uint32_t> ClientOutputs::slots() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::uint32_t> slots;
  for (const Output& output : outputs_) slots.push_back(output.slot);
  return slots;
}

std::vector<CallRules> ClientOutputs::rules() const {
  const std::lock_guard lock(mutex_);
  std::vector<CallRules> rules;
  for (const Output& output : outputs_) rules.push_back(output.rules);
  return rules;
}

void ClientOutputs::replace(Outputs outputs) {
  std::vector<Removed> removed;
  for (const std::uint32_t slot : slots()) {
    const auto has_slot = [slot](const Output& output) { return output.slot == slot; };
    if (std::any_of(outputs.begin(), outputs.end(), has_slot)) continue;
    Removed one{slot, {}, {}, engine_.stats(slot).sampled_out};
    engine_.state()->flusher->with_account(slot, [&one](const Destination* account) {
      if (account != nullptr) one.by_callers = account->marked();
    });
    one.before = stats_of(one).lost;
    removed.push_back(one);
  }
  const std::lock_guard lock(mutex_);
  ++version_;
  outputs_.swap(outputs);  // the old ones are destroyed without the mutex
  removed_ = std::move(removed);
}

void ClientOutputs::end_removed(std::uint32_t slot) {
  const View seen = view();
  const auto end = seen.removed.begin() + seen.removed_count;
  const auto* const found = std::find_if(
      seen.removed.begin(), end, [slot](const Removed& removed) { return removed.slot == slot; });
  if (found == end) return;
  Ledger last = stats_of(*found);
  last.lost[LossReason::kExpired] += std::exchange(last.pending, 0);
  ProcessExit::say_losses(engine_, slot, "at the removal of a destination,", found->before, last);
  const Destination* const account = engine_.state()->flusher->final_account(slot);
  const std::lock_guard lock(mutex_);
  ++version_;
  std::erase_if(removed_, [slot](const Removed& removed) { return removed.slot == slot; });
  if (std::exchange(ended_in_, getpid()) != getpid()) {
    ended_ = {};
    ended_handover_ = Handover::kPeer;
  }
  ended_ += last;
  if (account != nullptr && last.sent != 0) {
    ended_handover_ = std::min(ended_handover_, account->final_handover());
  }
}

ClientOutputs::View ClientOutputs::view() const {
  View view;
  const std::lock_guard lock(mutex_);
  view.version = version_;
  for (const Output& output : outputs_) view.slots[view.count++] = output.slot;
  for (const Removed& removed : removed_) view.removed[view.removed_count++] = removed;
  if (ended_in_ == getpid()) view.ended = ended_;
  return view;
}

bool ClientOutputs::is_current(const View& view) const {
  const std::lock_guard lock(mutex_);
  return view.version == version_;
}

Ledger ClientOutputs::stats_of(std::size_t output, std::uint32_t slot) const {
  // A view that is not current may have had more outputs. acquire: pairs with end(), after which
  // the accounts are constant
  const auto last = [&] { return output < last_.size() ? last_[output] : Ledger{}; };
  if (is_ended_.load(std::memory_order_acquire)) return last();
  const Ledger ledger = engine_.stats(slot);
  // Again: another thread may have closed the client, and the slot may be reused.
  return is_ended_.load(std::memory_order_acquire) ? last() : ledger;  // acquire: as above
}

/// It has got the calls that were made until it was removed, less those that were in the rings.
Ledger ClientOutputs::stats_of(const Removed& removed) const {
  Ledger ledger = engine_.state()->flusher->ledger(removed.slot);
  ledger.lost += removed.by_callers;
  ledger.emitted = ledger.sent + ledger.pending + ledger.lost.total() + ledger.filtered;
  ledger.sampled_out = removed.sampled_out;
  return ledger;
}

Ledger ClientOutputs::stats() const {
  for (;;) {
    const View seen = view();
    Ledger sum = seen.ended;
    for (std::size_t i = 0; i < seen.count; ++i) sum += stats_of(i, seen.slots[i]);
    for (std::size_t i = 0; i < seen.removed_count; ++i) sum += stats_of(seen.removed[i]);
    if (is_current(seen)) return sum;
  }
}

std::vector<ClientOutputStats> ClientOutputs::all() const {
  for (;;) {
    const View seen = view();
    std::vector<ClientOutputStats> all;
    {
      const std::lock_guard lock(mutex_);
      for (const Output& output : outputs_) all.push_back({output.url, {}, {}});
    }
    const std::size_t count = std::min(seen.count, all.size());
    for (std::size_t i = 0; i < count; ++i) {
      all[i].ledger = stats_of(i, seen.slots[i]);
      all[i].connections = connections_of(i, seen.slots[i]);
    }
    if (is_current(seen)) return all;
  }
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

ConnectionCounts ClientOutputs::connections_of(std::size_t output, std::uint32_t slot) const {
  const auto last = [&] {
    return output < last_connections_.size() ? last_connections_[output] : ConnectionCounts{};
  };
  // acquire, both: as in stats_of()
  if (is_ended_.load(std::memory_order_acquire)) return last();
  if (!engine_.state()->belongs_to_this_process()) return {};
  const ConnectionCounts counts = engine_.state()->flusher->with_account(slot, connections_in);
  return is_ended_.load(std::memory_order_acquire) ? last() : counts;
}

FlushResult ClientOutputs::flush(nanoseconds limit) const {
  const steady_clock::time_point deadline = steady_clock::now() + limit;
  for (;;) {
    const View seen = view();
    const FlushResult result = flush(seen, deadline);
    // One that was removed meanwhile has promised nothing.
    if (result || is_current(seen) || steady_clock::now() >= deadline) return result;
  }
}

FlushResult ClientOutputs::flush(const View& view, steady_clock::time_point deadline) const {
  FlushResult result{Handover::kPeer};
  const auto flush_one = [&](std::uint32_t slot) {
    // Checked before it waits, so one that has nothing left is not too late.
    const FlushResult one = engine_.flush(slot, deadline - steady_clock::now());
    result.handover = std::min(result.handover, one.handover);
  };
  for (std::size_t i = 0; i < view.removed_count; ++i) flush_one(view.removed[i].slot);
  for (std::size_t i = 0; i < view.count; ++i) flush_one(view.slots[i]);
  return result;
}

std::optional<Receipt> ClientOutputs::close(nanoseconds limit, const char* when) {
  const steady_clock::time_point deadline = steady_clock::now() + limit;
  if (!engine_.state()->belongs_to_this_process()) return std::nullopt;
  const View seen = view();
  last_.resize(seen.count);
  last_connections_.resize(seen.count);
  std::array<LossCounts, kMaxDestinations> before{};
  for (std::size_t i = 0; i < seen.count && when != nullptr; ++i) {
    before[i] = stats_of(i, seen.slots[i]).lost;
  }
  const Receipt receipt = close_in_turn(deadline);
  for (std::size_t i = 0; i < seen.count && when != nullptr; ++i) {
    ProcessExit::say_losses(engine_, seen.slots[i], when, before[i], last_[i]);
  }
  return receipt;
}

/// First the destinations that take messages, as another one may use up the time.
Receipt ClientOutputs::close_in_turn(steady_clock::time_point deadline) {
  constexpr std::chrono::milliseconds kTurn{20};
  Engine::State& state = *engine_.state();
  const std::vector<std::uint32_t> slots = this->slots();
  Receipt sum{0, 0, 0, true, Handover::kPeer};
  {
    const std::lock_guard lock(mutex_);  // where the process exits, beside a reconfigure()
    if (ended_in_ == getpid()) {
      sum = {ended_.sent, 0, ended_.lost.total(), ended_handover_ == Handover::kPeer,
             ended_handover_};
    }
  }
  std::bitset<kMaxDestinations> is_closed;
  while (is_closed.count() < slots.size()) {
    for (std::size_t i = 0; i < slots.size(); ++i) {
      if (is_closed[i]) continue;
      const bool is_last = is_closed.count() + 1 == slots.size();
      const steady_clock::time_point turn = std::min(deadline, steady_clock::now() + kTurn);
      const bool is_settled = is_last || state.wait_until_settled(slots[i], turn).has_value();
      if (!is_settled && steady_clock::now() < deadline) continue;
      const Receipt one = engine_.close(slots[i], deadline - steady_clock::now(), last_[i]);
      last_connections_[i] = connections_of(i, slots[i]);
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
  for (const std::uint32_t slot : slots()) engine_.forget(slot);
}

void ClientOutputs::leave_behind() const {
  for (const std::uint32_t slot : slots()) ProcessExit::leave_behind(engine_, slot);
}

}  // namespace metlog
