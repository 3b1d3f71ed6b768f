#include "metlog/holder.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <utility>

#include "metlog/engine.h"
#include "metlog/internal/base/signal_block.h"
#include "metlog/internal/engine/client_state.h"
#include "metlog/internal/engine/levels.h"
#include "metlog/internal/engine/waiting.h"

namespace metlog {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::string_view kDefault = "default";
constexpr std::string_view kDisabledDecorators = "disabled_decorators";

/// Time limit for closing others in one get_client().
constexpr std::chrono::seconds kRoomLimit{2};

/// Closes within the client's own limit and by the deadline.
void close_by(Client& client, steady_clock::time_point deadline) {
  ClientState* const state = state_of(client);
  if (state == nullptr) return;
  const nanoseconds left = std::max<nanoseconds>(deadline - steady_clock::now(), nanoseconds(0));
  client.close(std::min(state->close_limit(), left));
}

bool lacks_room(const absl::StatusOr<Client*>& found) {
  return found.status().GetPayload(kNoFreeSlot).has_value();
}

}  // namespace

Holder& Holder::instance() {
  // Never destroyed: its clients are used until the process ends.
  static Holder* const kHolder = [] {
    // Its handlers come first, so that a fork locks it after this, as the making of a client does.
    Levels::instance();
    static Holder* const kMade = new Holder;
    // In a child the locks are free and the guarded data is consistent.
    ::pthread_atfork([] { kMade->lock_all(); }, [] { kMade->unlock_all(); },
                     [] {
                       kMade->closed_by_parent_ = kMade->closed_.size();
                       kMade->unlock_all();
                     });
    return kMade;
  }();
  return *kHolder;
}

Holder::~Holder() { close_all(); }

void Holder::lock_all() {
  making_.lock();
  mutex_.lock();
}

void Holder::unlock_all() {
  mutex_.unlock();
  making_.unlock();
}

void Holder::close_all() {
  std::vector<Client*> open;
  {
    const std::lock_guard lock(mutex_);
    for (const std::unique_ptr<Client>& client : owned_clients_) open.push_back(client.get());
    // Waits for another thread that may be closing them.
    for (std::size_t i = closed_by_parent_; i < closed_.size(); ++i) {
      open.push_back(closed_[i].get());
    }
  }
  for (Client* const client : open) close_by(*client, steady_clock::time_point::max());
}

Client* Holder::take_anonymous(std::size_t left) {
  const std::lock_guard lock(mutex_);
  std::set<const Client*> named;
  for (const auto& [name, client] : clients_) named.insert(client);
  const auto has_no_name = [&](const std::unique_ptr<Client>& client) {
    return !named.contains(client.get());
  };
  const auto count = std::count_if(owned_clients_.begin(), owned_clients_.end(), has_no_name);
  if (static_cast<std::size_t>(count) <= left) return nullptr;
  const auto first = std::find_if(owned_clients_.begin(), owned_clients_.end(), has_no_name);
  closed_.push_back(std::move(*first));
  owned_clients_.erase(first);
  return closed_.back().get();
}

void Holder::close_anonymous(std::size_t left, steady_clock::time_point deadline) {
  // Without the lock: closing may take long.
  while (Client* const taken = take_anonymous(left)) {
    close_by(*taken, deadline);
    if (ClientState* const state = state_of(*taken)) state->drop_user_callbacks();
    if (steady_clock::now() >= deadline) return;
  }
}

Engine& Holder::engine() { return engine_ != nullptr ? *engine_ : Engine::instance(); }

Client& Holder::keep(Client&& client) {
  return *owned_clients_.emplace_back(std::make_unique<Client>(std::move(client)));
}

Client& Holder::get_client(std::string_view name) {
  if (Client* const known = find(name)) return *known;
  absl::StatusOr<Client*> found = make(name);
  if (found.ok()) return **found;
  static Client* const kNobody = new Client(Client(nullptr));
  const ScopedSignalBlock quiet;  // stderr may be a closed pipe, or a file at its limit
  std::fprintf(stderr, "metlog: no client '%s': %s\n", std::string(name).c_str(),
               std::string(found.status().message()).c_str());
  return *kNobody;
}

Client* Holder::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = clients_.find(name);
  return found != clients_.end() ? found->second : nullptr;
}

absl::StatusOr<Client*> Holder::make(std::string_view name) {
  // Before any wait: the thread that makes one may wait for this one.
  if (absl::Status status = check_can_wait("get_client() of a new name"); !status.ok()) {
    return status;
  }
  if (making_.is_mine()) {
    return absl::FailedPreconditionError(
        "get_client() was called by what get_client() itself calls to make a client");
  }
  // Not mutex_, which a filter may ask for while opening waits for the thread that runs it.
  const std::lock_guard making(making_);
  const steady_clock::time_point deadline = steady_clock::now() + kRoomLimit;
  absl::StatusOr<Client*> made = find_or_open(name);
  // Closes several: a slot should not be reused at once.
  for (const std::size_t left : {kMaxAnonymous / 2, std::size_t{0}}) {
    if (!lacks_room(made)) break;
    close_anonymous(left, deadline);
    made = find_or_open(name);
  }
  return made;
}

absl::StatusOr<Client*> Holder::find_or_open(std::string_view name) {
  if (Client* const known = find(name)) return known;
  ClientOptions options;
  options.logger = std::string(name);
  absl::StatusOr<Client> made = engine().open("nosend:", options);
  if (!made.ok()) return made.status();
  // relaxed: a switch; no other thread knows the client yet
  state_of(*made)->extras.is_active.store(false, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  Client& client = keep(*std::move(made));
  if (clients_.empty() && default_name().empty()) global_.set(kDefault, name);
  // The program may have stored another one meanwhile.
  return clients_.emplace(name, &client).first->second;
}

Client& Holder::set_client(std::string_view name, Client&& client) {
  Client* kept = nullptr;
  {
    const std::lock_guard lock(mutex_);
    kept = &keep(std::move(client));
    store(name, *kept);
  }
  close_anonymous(kMaxAnonymous, steady_clock::time_point::max());
  return *kept;
}

void Holder::set_client(std::string_view name, Client& client) {
  {
    const std::lock_guard lock(mutex_);
    store(name, client);
  }
  close_anonymous(kMaxAnonymous, steady_clock::time_point::max());
}

void Holder::store(std::string_view name, Client& client) {
  clients_.insert_or_assign(std::string(name), &client);
  if (clients_.size() == 1) global_.set(kDefault, name);
}

void Holder::delete_client(std::string_view name) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = clients_.find(name);
    if (found == clients_.end()) return;
    clients_.erase(found);
    if (default_name() == name) global_.erase(kDefault);
  }
  close_anonymous(kMaxAnonymous, steady_clock::time_point::max());
}

bool Holder::holds(std::string_view name, const Client& client) const {
  const std::lock_guard lock(mutex_);
  const auto found = clients_.find(name);
  return found != clients_.end() && found->second == &client;
}

std::vector<std::string> Holder::client_names() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, client] : clients_) names.push_back(name);
  return names;
}

std::string Holder::default_name() const {
  const Value* const name = global_.find(kDefault);
  return name != nullptr && name->as_text() != nullptr ? *name->as_text() : std::string();
}

Client* Holder::default_client() const {
  const std::lock_guard lock(mutex_);
  const auto found = clients_.find(default_name());
  return found != clients_.end() && global_.contains(kDefault) ? found->second : nullptr;
}

std::string Holder::default_client_name() const {
  const std::lock_guard lock(mutex_);
  return default_name();
}

void Holder::set_default_client_name(std::string_view name) {
  const std::lock_guard lock(mutex_);
  global_.set(kDefault, name);
}

ValueMap Holder::global_config() const {
  const std::lock_guard lock(mutex_);
  return global_;
}

void Holder::merge_global_config(const ValueMap& more) {
  const std::lock_guard lock(mutex_);
  for (const ValueEntry& entry : more) global_.set(entry.key, entry.value);
}

void Holder::clear_global_config() {
  const std::lock_guard lock(mutex_);
  global_ = {};
}

bool Holder::is_decorator_disabled(std::string_view kind) const {
  const std::lock_guard lock(mutex_);
  const Value* const disabled = global_.find(kDisabledDecorators);
  if (disabled == nullptr) return false;
  const auto is_kind = [&](const Value& value) {
    return value.as_text() != nullptr && *value.as_text() == kind;
  };
  const ValueList* const list = disabled->as_list();
  return list != nullptr ? std::any_of(list->begin(), list->end(), is_kind) : is_kind(*disabled);
}

Client& get_client(std::string_view name) { return Holder::instance().get_client(name); }
Client* default_client() { return Holder::instance().default_client(); }
bool is_decorator_disabled(std::string_view kind) {
  return Holder::instance().is_decorator_disabled(kind);
}

}  // namespace metlog
