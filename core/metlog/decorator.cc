#include "metlog/decorator.h"

namespace metlog {
namespace {

constexpr DecoratorSource kNoSource = {
    [] { return static_cast<Client*>(nullptr); },
    [](std::string_view) { return static_cast<Client*>(nullptr); },
    [](std::string_view) { return false; },
    [](const Client&, std::string_view) { return false; },
};

std::mutex g_source_mutex;
constinit DecoratorSource g_source = kNoSource;
constinit Word<std::uint64_t> g_unmeasured{};

DecoratorSource source() {
  const std::lock_guard lock(g_source_mutex);
  return g_source;
}

}  // namespace

DecoratorSource set_decorator_source(const DecoratorSource& source) {
  const std::lock_guard lock(g_source_mutex);
  return std::exchange(g_source, source);
}

std::uint64_t unmeasured_calls() {
  return g_unmeasured.load(Order::kRelaxed);  // relaxed: a counter
}

Decorator::Decorator(Kind kind, DecoratorName name, const DecoratorOptions& options)
    : kind_(kind), name_(std::move(name)), count_(options.count), client_{options.client} {
  // None of them may move once it is referred to.
  texts_.reserve(2 + 2 * options.fields.size());
  const auto keep = [&](std::string_view text) -> std::string_view {
    return texts_.emplace_back(text);
  };
  const auto keep_value = [&](const FieldValue& value) {
    return value.kind() == FieldValue::Kind::kText ? FieldValue(keep(value.text())) : value;
  };
  count_ = keep_value(options.count);
  for (const Field& field : options.fields) {
    const std::string_view key = keep(field.key);
    fields_.push_back({key, keep_value(field.value)});
  }
  if (options.logger.data() != nullptr) call_options_.logger = keep(options.logger);
  call_options_.severity = options.severity;
  call_options_.fields = {fields_.data(), fields_.size()};
  call_options_.rate = options.rate;
  client_name_ = options.client_name;
}

Client* Decorator::find_client() const {
  return client_name_.empty() ? source().default_client() : source().client_named(client_name_);
}

Client* Decorator::client() {
  // acquire: pairs with the release below, for what the client is made of
  if (Client* const known = client_.load(Order::kAcquire)) return known;
  const std::lock_guard lock(deciding_);
  Client* found = client_.load(Order::kRelaxed);  // relaxed: under the lock
  if (found == nullptr) found = find_client();
  if (found == nullptr) {
    g_unmeasured.add(1);
  } else {
    client_.store(found, Order::kRelease);  // pairs with the acquire above
  }
  return found;
}

Client* Decorator::timing_client() {
  // relaxed: once made it stays, and the client comes by its own acquire
  Decision decision = decision_.load(Order::kRelaxed);
  if (decision == Decision::kOff) return nullptr;
  Client* const bound = client();
  if (decision == Decision::kOn || bound == nullptr) return bound;
  const std::lock_guard lock(deciding_);
  decision = decision_.load(Order::kRelaxed);  // relaxed: under the lock
  if (decision == Decision::kNone) {
    const bool is_off = source().is_decorator_disabled("timeit") ||
                        source().is_timer_disabled(*bound, name_.short_name());
    decision = is_off ? Decision::kOff : Decision::kOn;
    decision_.store(decision, Order::kRelaxed);  // relaxed: as above
  }
  return decision == Decision::kOn ? bound : nullptr;
}

bool Decorator::counts() {
  // relaxed, all: as in timing_client()
  Decision decision = decision_.load(Order::kRelaxed);
  if (decision != Decision::kNone) return decision == Decision::kOn;
  const std::lock_guard lock(deciding_);
  decision = decision_.load(Order::kRelaxed);
  if (decision == Decision::kNone) {
    const bool is_off = source().is_decorator_disabled("incr_count");
    decision = is_off ? Decision::kOff : Decision::kOn;
    decision_.store(decision, Order::kRelaxed);
  }
  return decision == Decision::kOn;
}

void Decorator::count() {
  if (Client* const bound = client()) bound->incr(name_.full(), count_, call_options_);
}

}  // namespace metlog
