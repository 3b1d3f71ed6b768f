#include "metlog/internal/flush/delivery.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "metlog/internal/codec/layouts.h"
#include "metlog/internal/codec/message_parts.h"
#include "metlog/internal/text/indented_json.h"

namespace metlog {
namespace {

// For how long other clients wait for a destination that takes nothing.
constexpr std::chrono::milliseconds kPatience{100};

/// `what` is the RecordId of a call, or a Notice.
template <class What>
bool put(std::string_view message, Destination& destination, std::size_t queue_key,
         const What& what) {
  char* const out = destination.try_reserve(queue_key, message.size());
  if (out == nullptr) return false;
  std::memcpy(out, message.data(), message.size());
  destination.commit(queue_key, out + message.size(), what);
  return true;
}

/// The caller has reserved room on this queue, so put() finds some even if the string is longer.
void put_formatted(std::string_view envelope, std::int64_t utc_ns, MessageSource source,
                   const RecordView& record, DeliveryClient& client, std::size_t queue_key) {
  const std::optional<std::string> formatted =
      client.formatter->format(envelope, utc_ns, std::move(source));
  if (formatted.has_value()) {
    put(*formatted, *client.destination, queue_key, record.id);
  } else {
    client.destination->count_lost(LossReason::kFormatterFailed, 1);
  }
}

bool drops_any(const ClientSetup& setup) {
  return setup.text.shows_metrics_only || !setup.filters.empty() || setup.level != Severity::kTrace;
}

/// Says whose callbacks are running while it lives.
class CallbackScope {
 public:
  CallbackScope(std::atomic<std::uint32_t>& inside, std::uint32_t slot,
                const std::atomic<bool>& has_lost_callbacks)
      : inside_(inside),
        has_lost_callbacks_(has_lost_callbacks),
        // seq_cst: see Delivery::end_callbacks()
        before_(inside_.exchange(slot, std::memory_order_seq_cst)) {}
  // release: what the callbacks did comes before
  ~CallbackScope() { inside_.store(before_, std::memory_order_release); }
  CallbackScope(const CallbackScope&) = delete;
  CallbackScope& operator=(const CallbackScope&) = delete;

  /// False once end_callbacks() was called.
  [[nodiscard]] bool may_start() const {
    return !has_lost_callbacks_.load(std::memory_order_seq_cst);  // see Delivery::end_callbacks()
  }

 private:
  std::atomic<std::uint32_t>& inside_;
  const std::atomic<bool>& has_lost_callbacks_;
  const std::uint32_t before_;
};

}  // namespace

std::optional<std::string> EnvelopeFormatter::format(std::string_view envelope, std::int64_t utc_ns,
                                                     MessageSource source) {
  if (formatter_.format() == MessageFormat::kIndented) return indented_json(envelope);
  const std::optional<Message> message = reader_.read(envelope, utc_ns, std::move(source));
  if (!message.has_value()) return std::nullopt;
  try {
    return formatter_.function()(*message, envelope);
  } catch (...) {
    // The caller has returned long ago, so only the ledger can report what was thrown.
    return std::nullopt;
  }
}

void Delivery::arrive(std::uint32_t slot, ClientSetup setup,
                      std::unique_ptr<Destination> destination) {
  auto arrival = std::make_unique<DeliveryClient::Arrival>(
      DeliveryClient::Arrival{std::move(setup), std::move(destination)});
  const std::lock_guard lock(accounts_mutex_);
  clients_[slot].arrival = std::move(arrival);
  arrivals_.fetch_add(1, std::memory_order_release);  // pairs with has_arrivals()
}

void Delivery::accept(std::uint32_t slot) {
  std::unique_ptr<DeliveryClient::Arrival> arrival;
  {
    const std::lock_guard lock(accounts_mutex_);
    arrival = std::move(clients_[slot].arrival);
  }
  if (arrival == nullptr) return;
  // First, so that no record of the client misses one of them.
  for (const std::uint32_t other : arrival->setup.others) accept(other);
  {
    const std::lock_guard lock(accounts_mutex_);
    // Its account must not be missing for a moment.
    clients_[slot].destination = std::move(arrival->destination);
    arrivals_.fetch_sub(1, std::memory_order_relaxed);  // relaxed: under the mutex
  }
  ++client_count_;
  used_.add(slot);
  const std::vector<std::uint32_t> others = std::move(arrival->setup.others);
  set_up(slot, std::move(arrival->setup));
  groups_.join(slot, others);
}

void Delivery::install(std::uint32_t slot, ClientSetup setup,
                       std::unique_ptr<Destination> destination) {
  set_up(slot, std::move(setup));
  DeliveryClient& client = clients_[slot];
  if (client.destination == nullptr) ++client_count_;
  used_.add(slot);
  groups_.change(slot);
  const std::lock_guard lock(accounts_mutex_);
  if (client.destination != nullptr) destination->follow(std::move(client.destination));
  client.destination = std::move(destination);
}

Encoder& Delivery::encoder_of(MessageFormat format) {
  if (has_layout(format)) return layouts_;
  if (format == MessageFormat::kText) return lines_;
  return envelopes_;
}

void Delivery::set_up(std::uint32_t slot, ClientSetup setup) {
  DeliveryClient& client = clients_[slot];
  client.format = setup.format.format() == MessageFormat::kOwn ? MessageFormat::kOwn : setup.format;
  client.is_waited_for.store(setup.is_waited_for, std::memory_order_relaxed);  // relaxed: a switch
  client.encoder = &encoder_of(setup.format.format());
  // The options were checked before; see check_options().
  complete_text(setup.text, setup.format.format(), setup.format.options());
  client.is_stamped_here = setup.is_stamped_here;
  client.stats_interval = setup.stats_interval;
  client.filters.reset();
  client.formatter.reset();
  const bool is_formatted = EnvelopeFormatter::is_for(setup.format);
  if (is_formatted) client.formatter = std::make_unique<EnvelopeFormatter>(std::move(setup.format));
  if (is_formatted || drops_any(setup)) {
    // Filters and formatters read envelopes.
    ClientText text = setup.text;
    if (client.encoder != &envelopes_) text.additions = nullptr;
    envelopes_.set_client(slot, std::move(text));
    client.filters =
        std::make_unique<FilterChain>(std::move(setup.filters), setup.text, setup.level);
  }
  client.encoder->set_client(slot, std::move(setup.text));
}

std::unique_ptr<Destination> Delivery::settle(std::uint32_t slot) {
  Destination& destination = *clients_[slot].destination;
  destination.take_back_notices();
  const std::lock_guard lock(accounts_mutex_);
  return destination.absorb_previous();
}

Delivery::UserCallbacks Delivery::remove(std::uint32_t slot) {
  DeliveryClient& client = clients_[slot];
  --client_count_;
  groups_.leave(slot);
  {
    const std::lock_guard lock(accounts_mutex_);
    client.removed = std::move(client.destination);
  }
  client.has_lost_callbacks.store(false, std::memory_order_relaxed);  // relaxed: the slot is free
  if (std::exchange(client.is_never_left, false)) {
    // Never destroyed: a thread is inside.
    (void)client.filters.release();
    (void)client.formatter.release();
  }
  return {std::move(client.filters), std::move(client.formatter)};
}

absl::Status Delivery::start_queues() {
  for (const DeliveryClient& client : clients_) {
    if (client.destination == nullptr) continue;
    if (absl::Status status = client.destination->start(); !status.ok()) return status;
  }
  return absl::OkStatus();
}

bool Delivery::offer_older(OpenQueue::TimePoint limit, OpenQueue::TimePoint now) const {
  bool is_lingering = false;
  used_.for_each([&](std::uint32_t slot) {
    Destination* const open = destination(slot);
    if (open != nullptr) is_lingering |= open->offer_older(limit, now);
  });
  return is_lingering;
}

bool Delivery::deliver_filtered(const RecordView& record, std::uint32_t slot,
                                std::size_t queue_key) {
  DeliveryClient& client = clients_[slot];
  FilterChain& filters = *client.filters;
  Destination& destination = *client.destination;
  Encoder& encoder = *client.encoder;
  if (filters.drops_unread(record)) {
    destination.count_filtered();
    return true;
  }
  const bool is_formatted = client.formatter != nullptr;
  if (!filters.has_readers() && !is_formatted) return deliver_encoded(record, slot, queue_key);
  // relaxed: only spares the work; end_callbacks() is obeyed below
  if (client.has_lost_callbacks.load(std::memory_order_relaxed)) {
    destination.count_lost(LossReason::kExpired, 1);
    return true;
  }
  // Room first: a record that finds none comes again, and a filter must see it once only.
  const std::size_t bound = std::max(envelopes_.bound(record, slot), encoder.bound(record, slot));
  char* const out = destination.try_reserve(queue_key, bound);
  if (out == nullptr) return count_if_given_up(slot);
  char* end = envelopes_.encode(out, record, slot);
  const std::string_view envelope(out, static_cast<std::size_t>(end - out));
  const CallbackScope inside(inside_, slot, client.has_lost_callbacks);
  if (!inside.may_start()) {
    destination.count_lost(LossReason::kExpired, 1);
    return true;
  }
  switch (filters.run(envelope, record.utc_ns, source_of(record, program_))) {
    case FilterChain::Verdict::kPassed:
      if (is_formatted) {
        put_formatted(envelope, record.utc_ns, source_of(record, program_), record, client,
                      queue_key);
        break;
      }
      if (&encoder != &envelopes_) end = encoder.encode(out, record, slot);
      destination.commit(queue_key, end, record.id);
      break;
    case FilterChain::Verdict::kChanged: {
      const std::string changed = encoder.encode(filters.message(), slot);
      if (is_formatted) {
        put_formatted(changed, filters.message().utc_ns(), source_of(record, program_), record,
                      client, queue_key);
      } else {
        put(changed, destination, queue_key, record.id);
      }
      break;
    }
    case FilterChain::Verdict::kDropped:
      destination.count_filtered();
      break;
    case FilterChain::Verdict::kFailed:
      destination.count_lost(LossReason::kFilterFailed, 1);
      break;
  }
  return true;
}

bool Delivery::deliver(const EngineMessage& message, const Notice& notice, std::uint32_t slot,
                       std::size_t queue_key) {
  DeliveryClient& client = clients_[slot];
  std::string encoded = client.encoder->encode(message, slot);
  if (client.formatter != nullptr) {
    const CallbackScope inside(inside_, slot, client.has_lost_callbacks);
    // A formatter that fails at user messages may fail at the message that reports it, too.
    std::optional<std::string> formatted;
    if (inside.may_start()) formatted = client.formatter->format(encoded, message.utc_ns, {});
    if (formatted.has_value()) encoded = *std::move(formatted);
  }
  // What the format cannot show counts as told: there is no other place for it.
  return encoded.empty() || put(encoded, *client.destination, queue_key, notice);
}

bool Delivery::gives_up(std::uint32_t slot) const {
  if (groups_.is_one_of_several(slot)) return groups_.gives_up(slot);
  // relaxed: a switch
  const std::uint8_t policy = g_client_policies[slot].when_full.load(Order::kRelaxed);
  if (client_count_ <= 1 || static_cast<WhenFull>(policy) == WhenFull::kBlock) return false;
  const auto since = clients_[slot].destination->patience().waiting_since();
  return since.has_value() && std::chrono::steady_clock::now() - *since >= kPatience;
}

bool Delivery::count_if_given_up(std::uint32_t slot) {
  if (!gives_up(slot)) return false;
  clients_[slot].destination->count_lost(LossReason::kQueueFull, 1);
  return true;
}

}  // namespace metlog
