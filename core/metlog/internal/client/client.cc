#include "metlog/client.h"

#include <chrono>
#include <cstdio>
#include <mutex>
#include <optional>
#include <utility>

#include "metlog/engine.h"
#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/engine/client_state.h"
#include "metlog/internal/engine/levels.h"
#include "metlog/internal/engine/waiting.h"
#include "metlog/internal/site/site_registry.h"
#include "metlog/metlog.h"

namespace metlog {
namespace {

using std::chrono::steady_clock;

constexpr ClientGate kClosed{{gate::kEverything}, 0, {false}};

bool is_open(const ClientState& state) {
  return state.is_open.load(std::memory_order_acquire);  // pairs with close_saying(): the ledger
}

// Under the mutex: changes of a client that is being closed would open its gate again.
bool takes_changes(const ClientState& state) { return is_open(state) && !state.is_closing; }

// True where close() would wait for its own thread.
bool cannot_close_here(const ClientState& state, bool says_why) {
  absl::Status status = check_can_close("close()");
  if (state.lifecycle.is_mine()) {
    status = absl::FailedPreconditionError(
        "close() was called by what configures or closes the same client; call it later");
  }
  static constinit DiagnosticLimit limit;
  if (says_why && !status.ok()) {
    diagnose_seldom(limit, "%s; the client stays open", std::string(status.message()).c_str());
  }
  return !status.ok();
}

using ReentrantLock = std::unique_lock<ReentrantMutex>;

// False, and says so, when another thread holds one of them until the deadline. It may have been
// waiting for the calling thread. A client that is closed needs `options` no more.
bool lock_to_close(ClientState& state, ReentrantLock& lifecycle, ReentrantLock& options,
                   steady_clock::time_point deadline) {
  const auto locks = [&](steady_clock::time_point until) {
    return lifecycle.try_lock_until(until) && (!is_open(state) || options.try_lock_until(until));
  };
  if (locks(deadline)) return true;
  if (!lifecycle.owns_lock()) {
    // acq_rel: pairs with the exchange in reconfigure_to(), which comes after its unlock: if that
    // is the earlier one, the lock is free now, unless yet another thread configures.
    state.close_wanted.exchange(true, std::memory_order_acq_rel);
    if (locks(steady_clock::now())) return true;
  }
  static constinit DiagnosticLimit limit;
  diagnose_seldom(limit,
                  "close() has waited for its limit for another thread that configures or closes "
                  "the same client: that thread closes it when it has done so");
  return false;
}

// Changes the state under its mutex, unless the client was moved from.
template <class F>
void change(ClientState* state, const F& make) {
  if (state == nullptr) return;
  const std::lock_guard lock(state->mutex);
  make(*state);
}

// Moves the gate of a client, unless that was moved from before.
void move_gate(const ClientState* state, ClientGate& from, ClientGate& to) {
  if (state != nullptr) Levels::instance().move(*state, from, to);
  from = kClosed;
}

}  // namespace

Client::Client(ClientState* state) : gate_(kClosed), state_(state) {}

Client::Client(Client&& other) noexcept
    : gate_(kClosed), state_(std::exchange(other.state_, nullptr)) {
  move_gate(state_, other.gate_, gate_);
}

Client& Client::operator=(Client&& other) noexcept {
  if (this == &other) return *this;
  end();
  gate_ = kClosed;
  state_ = std::exchange(other.state_, nullptr);
  move_gate(state_, other.gate_, gate_);
  return *this;
}

Client::~Client() { end(); }

void Client::end() {
  if (state_ == nullptr) return;
  Levels::instance().leave(*state_);
  if (is_open(*state_) && cannot_close_here(*state_, false)) {
    // Inside its own filter, say: the engine closes it later.
    gate_.blocked.store(gate::kEverything, Order::kRelaxed);  // relaxed: a switch
    SiteRegistry::instance().drop_switches(gate_.slot);
    state_->outputs->leave_behind();
  } else {
    close_saying(state_->close_limit().count(), "on its destruction");
    if (is_open(*state_)) return;  // another thread configures it; the state is left to that one
  }
  delete state_;
}

void Client::set_min_severity(Severity severity) {
  if (state_ != nullptr) Levels::instance().set(*state_, severity);
}

void Client::set_disabled_timers(NameList names) {
  change(state_, [&](ClientState& state) {
    state.timers->assign(names);
    if (takes_changes(state)) state.apply_to(gate_);
  });
}

void Client::disable_timer(std::string_view name) {
  change(state_, [&](ClientState& state) { state.switch_timer(gate_, name, true); });
}

void Client::enable_timer(std::string_view name) {
  change(state_, [&](ClientState& state) { state.switch_timer(gate_, name, false); });
}

bool Client::is_timer_disabled(std::string_view name) const {
  // `*` has a bit of its own, so that one look-up is enough. relaxed: a switch
  const bool is_every_name_off = (gate_.blocked.load(Order::kRelaxed) & gate::kTimesItself) != 0;
  return state_ != nullptr && (is_every_name_off || state_->timers->is_off(name));
}

bool Client::is_active() const {
  // relaxed: a switch
  return state_ != nullptr && state_->extras.is_active.load(std::memory_order_relaxed);
}

Ledger Client::stats() const { return state_ == nullptr ? Ledger{} : state_->outputs->stats(); }

std::vector<ClientOutputStats> Client::outputs() const {
  if (state_ == nullptr) return {};
  return state_->outputs->all();
}

FlushResult Client::flush_within(std::int64_t limit_ns) {
  // A closed client holds nothing; where it went, the receipt says.
  if (state_ == nullptr || !is_open(*state_)) return {Handover::kLibrary};
  return state_->outputs->flush(std::chrono::nanoseconds(limit_ns));
}

// `when` says why it is closed where the receipt is not read, else it is null.
Receipt Client::close_saying(std::int64_t limit_ns, const char* when) {
  if (state_ == nullptr) return {};
  const auto so_far = [&] {
    const Ledger books = stats();
    return Receipt{books.sent, 0, books.lost.total(), false};
  };
  if (is_open(*state_) && cannot_close_here(*state_, true)) return so_far();
  const auto deadline = steady_clock::now() + std::chrono::nanoseconds(limit_ns);
  ReentrantLock lifecycle(state_->lifecycle, std::defer_lock);
  ReentrantLock options_lock(state_->mutex, std::defer_lock);
  if (!lock_to_close(*state_, lifecycle, options_lock, deadline)) return so_far();
  if (!is_open(*state_)) return state_->receipt;
  {
    const ReentrantLock taken = std::move(options_lock);
    gate_.blocked.store(gate::kEverything, Order::kRelaxed);  // relaxed: a switch
    state_->is_closing = true;
  }
  Levels::instance().leave(*state_);
  SiteRegistry::instance().drop_switches(gate_.slot);
  const std::optional<Receipt> receipt =
      state_->outputs->close(deadline - steady_clock::now(), when);
  state_->receipt = receipt.value_or(Receipt{});
  state_->is_open.store(false, std::memory_order_release);  // pairs with is_open()
  state_->outputs->end(receipt.has_value());
  return state_->receipt;
}

Client open_or_exit(std::string_view url, const ClientOptions& options) {
  absl::StatusOr<Client> client = open(url, options);
  if (!client.ok()) {
    std::fprintf(stderr, "metlog: %s\n", std::string(client.status().message()).c_str());
    std::exit(2);
  }
  return *std::move(client);
}

}  // namespace metlog
