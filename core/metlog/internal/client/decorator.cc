#include "metlog/internal/client/decorator.h"

#include <bit>

#include "metlog/holder.h"

namespace metlog {
namespace {

constexpr DecoratorSource kHolder = {
    [] { return default_client(); },
    [](std::string_view name) { return &get_client(name); },
    [](std::string_view kind) { return is_decorator_disabled(kind); },
    [](const Client& client, std::string_view name) { return client.is_timer_disabled(name); },
};

std::mutex g_source_mutex;
constinit DecoratorSource g_source = kHolder;
constinit PlainAtomic<std::uint64_t> g_unmeasured{};

DecoratorSource source() {
  const std::lock_guard lock(g_source_mutex);
  return g_source;
}

bool is_open(const Client* client) { return client != nullptr && !client->gate().is_closed(); }

}  // namespace

DecoratorSource set_decorator_source(const DecoratorSource& source) {
  const std::lock_guard lock(g_source_mutex);
  return std::exchange(g_source, source);
}

std::uint64_t unmeasured_calls() {
  return g_unmeasured.load(Order::kRelaxed);  // relaxed: a counter
}

Decorator::Decorator(DecoratorName name, const DecoratorOptions& options)
    : name_(std::move(name)),
      call_options_({.logger = options.logger,
                     .severity = options.severity,
                     .fields = options.fields,
                     .rate = options.rate}),
      count_(owned_values_.copy(options.count)),
      given_client_(options.client),
      client_name_(options.client_name),
      client_{options.client} {}

Client* Decorator::find_client() const {
  if (given_client_ != nullptr) return given_client_;
  return client_name_.empty() ? source().default_client() : source().client_named(client_name_);
}

Client* Decorator::client() {
  // acquire: pairs with the release in look_up(); the client is complete
  Client* const known = client_.load(Order::kAcquire);
  return is_open(known) ? known : look_up();
}

Client* Decorator::look_up() {
  const std::lock_guard lock(deciding_);
  Client* found = client_.load(Order::kRelaxed);  // relaxed: under the lock
  // While the client is closed it asks ever more rarely, because the holder may try to make one.
  if (found == nullptr || (!is_open(found) && std::has_single_bit(++closed_calls_))) {
    found = find_client();
    client_.store(found, Order::kRelease);  // pairs with the acquire in client()
  }
  if (is_open(found)) {
    closed_calls_ = 0;
    return found;
  }
  g_unmeasured.add(1);
  return nullptr;
}

bool Decorator::is_disabled(std::string_view kind) { return source().is_decorator_disabled(kind); }

bool Decorator::is_timer_disabled(const Client& client) const {
  return source().is_timer_disabled(client, name_.short_name());
}

bool Decorator::decide(bool measures) {
  const std::lock_guard lock(deciding_);
  if (const std::optional<bool> before = decision(); before.has_value()) return *before;
  decision_.store(measures ? kOn : kOff, Order::kRelaxed);  // relaxed: see decision()
  return measures;
}

}  // namespace metlog
