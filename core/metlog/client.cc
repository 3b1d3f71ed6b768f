#include "metlog/client.h"

#include <cstdio>
#include <utility>

#include "metlog/client_state.h"
#include "metlog/engine.h"
#include "metlog/metlog.h"

namespace metlog {
namespace {

constexpr ClientGate kClosed{{gate::kEverything}, 0, false};

std::uint32_t blocked_by(Severity min_severity, int severity_of_others) {
  std::uint32_t blocked = gate::kOff;
  const int floor = static_cast<int>(min_severity);
  for (int level = floor + 1; level <= static_cast<int>(Severity::kDebug); ++level) {
    blocked |= gate::of_severity(static_cast<Severity>(level));
  }
  if (min_severity != Severity::kDebug && severity_of_others > floor) {
    for (const SiteKind kind : {SiteKind::kEvent, SiteKind::kCounter, SiteKind::kTimer}) {
      blocked |= gate::of_kind(kind);
    }
  }
  return blocked;
}

}  // namespace

Client::Client(ClientState* state) : gate_(kClosed), state_(state) {}

Client::Client(Client&& other) noexcept
    : gate_(std::exchange(other.gate_, kClosed)), state_(std::exchange(other.state_, nullptr)) {}

Client& Client::operator=(Client&& other) noexcept {
  if (this == &other) return *this;
  end();
  gate_ = std::exchange(other.gate_, kClosed);
  state_ = std::exchange(other.state_, nullptr);
  return *this;
}

Client::~Client() { end(); }

void Client::end() {
  if (state_ == nullptr) return;
  close(state_->options.close_limit);
  delete state_;
}

void Client::set_min_severity(Severity severity) {
  if (state_ == nullptr || !state_->is_open) return;
  // relaxed: a switch; see SiteGate::admits()
  gate_.blocked.store(blocked_by(severity, state_->options.severity), Order::kRelaxed);
}

Ledger Client::stats() const {
  if (state_ == nullptr) return {};
  return state_->is_open ? state_->engine->stats(gate_.slot) : state_->ledger;
}

bool Client::flush_within(std::int64_t limit_ns) {
  return state_ == nullptr || !state_->is_open ||
         state_->engine->flush(gate_.slot, std::chrono::nanoseconds(limit_ns));
}

Receipt Client::close_within(std::int64_t limit_ns) {
  if (state_ == nullptr) return {};
  if (state_->is_open) {
    state_->is_open = false;
    gate_.blocked.store(gate::kEverything, Order::kRelaxed);  // relaxed: a switch, as above
    state_->receipt =
        state_->engine->close(gate_.slot, std::chrono::nanoseconds(limit_ns), state_->ledger);
  }
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
