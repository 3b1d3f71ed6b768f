#include "metlog/internal/engine/client_state.h"

#include <algorithm>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/engine/levels.h"
#include "metlog/internal/site/site_registry.h"

namespace metlog {
namespace {

std::uint32_t blocked_by(Severity min_severity, int default_severity) {
  std::uint32_t blocked = 0;
  const int floor = static_cast<int>(min_severity);
  for (int level = floor + 1; level <= static_cast<int>(Severity::kTrace); ++level) {
    blocked |= gate::of_severity(static_cast<Severity>(level));
  }
  if (min_severity < Severity::kDebug && default_severity > floor) {
    for (const SiteKind kind : {SiteKind::kEvent, SiteKind::kCounter, SiteKind::kTimer}) {
      blocked |= gate::of_kind(kind);
    }
  }
  return blocked;
}

}  // namespace

absl::Status no_free_slot() {
  absl::Status status = absl::ResourceExhaustedError(
      absl::StrCat("the clients of a process have at most ", kClientSlots,
                   " destinations together; close one first"));
  status.SetPayload(kNoFreeSlot, {});
  return status;
}

ClientState::ClientState(Engine* made_by, const ClientOptions& chosen,
                         std::unique_ptr<ClientOutputs> destinations)
    : engine(made_by), outputs(std::move(destinations)) {
  take(chosen);
}

void ClientState::take(const ClientOptions& chosen) {
  options = chosen;
  close_limit_ns_.store(chosen.close_limit.count(),
                        std::memory_order_relaxed);  // relaxed: a number
  timers->assign(options.disabled_timers);
}

void ClientState::lock_for_fork() {
  mutex.lock();
  outputs->lock_for_fork();
}

void ClientState::unlock_after_fork() {
  outputs->unlock_after_fork();
  mutex.unlock();
}

void ClientState::forget_changes() {
  // The child has one thread, so no other can be using them.
  for (ReentrantMutex* const held : {&lifecycle, &extras.configuring}) {
    if (!held->is_mine()) new (held) ReentrantMutex;
  }
}

void ClientState::drop_user_callbacks() {
  // Destroyed without the locks, since the program's destructors may call the client.
  std::vector<Filter> filters;
  Formatter format = MessageFormat::kJson;
  std::shared_ptr<DebugCapture> capture;
  {
    const std::lock_guard lock(mutex);
    filters.swap(options.filters);
    std::swap(format, options.format);
  }
  const std::lock_guard lock(extras.mutex);
  capture.swap(extras.capture);
}

std::uint32_t ClientState::blocked() const {
  std::uint32_t nowhere = UINT32_MAX;  // what no destination takes
  for (const CallRules& rules : outputs->rules()) {
    nowhere &= rules.mask->blocked() | blocked_by(rules.level, options.severity);
  }
  std::uint32_t blocked = gate::kOff | nowhere | blocked_by(level_, options.severity);
  if (timers->is_off("*")) blocked |= gate::kTimesItself;
  return blocked | named_;
}

void ClientState::apply_to(ClientGate& gate) {
  const bool by_flusher = options.stamped_by == StampedBy::kFlusher;
  gate.stamped_by_flusher.store(by_flusher, Order::kRelaxed);  // relaxed: a switch
  std::function<bool(const RegisteredSite&)> is_off;
  const auto looks_at_type = [](const CallRules& rules) { return rules.mask->looks_at_type(); };
  const std::vector<CallRules> all = outputs->rules();
  if (!timers->is_empty() || std::any_of(all.begin(), all.end(), looks_at_type)) {
    is_off = [names = timers, all](const RegisteredSite& site) {
      if (site.kind == SiteKind::kTimer) return names->is_off(site.text);
      return std::all_of(all.begin(), all.end(),
                         [&site](const CallRules& rules) { return rules.mask->is_off(site); });
    };
  }
  named_ = SiteRegistry::instance().set_switches(gate.slot, std::move(is_off));
  apply_severity_to(gate);
}

void ClientState::begin(ClientGate& gate) {
  Levels::instance().join(*this, gate);
  const std::lock_guard lock(mutex);
  apply_to(gate);
}

void ClientState::replace_options(const ClientOptions& chosen, ClientOutputs::Outputs destinations,
                                  ClientGate& gate) {
  {
    const std::lock_guard lock(mutex);
    take(chosen);
    outputs->replace(std::move(destinations));
  }
  Levels::instance().take_options(*this);
  const std::lock_guard lock(mutex);
  apply_to(gate);
  extras.note_destination(true, nullptr);
}

void ClientState::switch_timer(ClientGate& gate, std::string_view name, bool is_off) {
  timers->set(name, is_off);
  // acquire: pairs with close_saying()
  if (!is_open.load(std::memory_order_acquire) || is_closing) return;
  if (named_ == 0) return apply_to(gate);
  SiteRegistry::instance().refresh_switches(gate.slot, std::string(name));
  apply_severity_to(gate);
}

void ClientState::set_level(Severity level) {
  const std::lock_guard lock(mutex);
  level_ = level;
}

void ClientState::set_level(Severity level, ClientGate& gate) {
  const std::lock_guard lock(mutex);
  level_ = level;
  // acquire: pairs with close_saying()
  if (is_open.load(std::memory_order_acquire) && !is_closing) apply_severity_to(gate);
}

void ClientState::apply_severity_to(ClientGate& gate) const {
  gate.blocked.store(blocked(), Order::kRelaxed);  // relaxed: a switch; see SiteGate::admits()
}

}  // namespace metlog
