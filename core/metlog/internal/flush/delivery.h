#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metlog/formatter.h"
#include "metlog/internal/codec/envelope_encoder.h"
#include "metlog/internal/codec/layout_encoder.h"
#include "metlog/internal/codec/text_encoder.h"
#include "metlog/internal/emit/producer.h"
#include "metlog/internal/filter/filter_chain.h"
#include "metlog/internal/flush/delivery_client.h"
#include "metlog/internal/flush/destination.h"
#include "metlog/internal/flush/destination_groups.h"

namespace metlog {

/// The slots that hold a client. What is done in every round is done for these: looking at all
/// kClientSlots, which are not in the cache after a sleep, took longer than a round's messages.
class SlotSet {
 public:
  void add(std::uint32_t slot) { words_[slot / 64] |= std::uint64_t{1} << slot % 64; }
  void remove(std::uint32_t slot) { words_[slot / 64] &= ~(std::uint64_t{1} << slot % 64); }
  /// Calls `visit` with each slot, in ascending order. It may add and remove slots; whether it sees
  /// those depends on where they are.
  template <class F>
  void for_each(const F& visit) const {
    for (std::uint32_t i = 0; i < words_.size(); ++i) {
      for (std::uint64_t left = words_[i]; left != 0; left &= left - 1) {
        visit(i * 64 + static_cast<std::uint32_t>(std::countr_zero(left)));
      }
    }
  }

 private:
  std::array<std::uint64_t, kClientSlots / 64> words_{};
};

/// Takes the clients' messages from their records to their destinations: filters, encodes, formats
/// and puts them into batches. Used by one thread at a time, under the flusher's mutex. A slot is
/// less than kClientSlots; a queue key selects the connection, see Destination.
class Delivery {
 public:
  explicit Delivery(const ProcessText& process)
      : program_(process.program), envelopes_(process), lines_(process), layouts_(process) {}

  /// Hands a new client in a free slot over to accept(). Any thread; never waits for a round, so
  /// that open() does not.
  void arrive(std::uint32_t slot, ClientSetup setup, std::unique_ptr<Destination> destination);
  /// False when no client that arrived before what the caller knows of, such as a record of it,
  /// waits for accept().
  [[nodiscard]] bool has_arrivals() const {
    return arrivals_.load(std::memory_order_acquire) != 0;  // pairs with arrive()
  }
  /// Installs the client that has arrived in this slot, if any.
  void accept(std::uint32_t slot);
  /// Gives the client in this slot its setup and destination. A client that has a destination
  /// already continues its account in the new one, see Destination::follow(), until settle().
  void install(std::uint32_t slot, ClientSetup setup, std::unique_ptr<Destination> destination);
  /// Filters and formatter of a client that was removed; their destructors may run user code.
  struct UserCallbacks {
    std::unique_ptr<FilterChain> filters;
    std::unique_ptr<EnvelopeFormatter> formatter;
  };
  /// Removes the client. Its destination keeps the account until forget().
  UserCallbacks remove(std::uint32_t slot);
  /// Returns the destination of the client that was removed.
  std::unique_ptr<Destination> forget(std::uint32_t slot) {
    const std::lock_guard lock(accounts_mutex_);
    if (clients_[slot].destination == nullptr) used_.remove(slot);
    return std::move(clients_[slot].removed);
  }
  /// Ends what install() began: returns the previous destination, which is stopped.
  std::unique_ptr<Destination> settle(std::uint32_t slot);

  /// Returns the slots for which account() returns something.
  [[nodiscard]] const SlotSet& used() const { return used_; }
  /// Ends a round for all clients, see Destination::offer_older(). True when a batch lingers.
  bool offer_older(OpenQueue::TimePoint limit, OpenQueue::TimePoint now) const;
  /// Returns where the slot's messages go; null while no client is in it.
  [[nodiscard]] Destination* destination(std::uint32_t slot) const {
    return clients_[slot].destination.get();
  }
  /// Returns what has the slot's account: destination(), or the removed one; null for neither.
  [[nodiscard]] const Destination* account(std::uint32_t slot) const {
    const DeliveryClient& client = clients_[slot];
    return client.destination != nullptr ? client.destination.get() : client.removed.get();
  }
  /// Calls `use` with account(), or with that of a client that has just arrived, which stays where
  /// it is meanwhile, and returns what `use` returns. Any thread; never waits for a round. `use`
  /// only reads, and allocates nothing: the program's allocator may wait for a thread that comes
  /// here.
  template <class F>
  auto with_account(std::uint32_t slot, const F& use) const {
    const std::lock_guard lock(accounts_mutex_);
    const Destination* const known = account(slot);
    const std::unique_ptr<DeliveryClient::Arrival>& arrival = clients_[slot].arrival;
    return use(known == nullptr && arrival != nullptr ? arrival->destination.get() : known);
  }

  /// Starts the threads of all clients' queues, see Destination::start().
  absl::Status start_queues();
  /// True when the client's calls are stamped when they are read.
  [[nodiscard]] bool is_stamped_here(std::uint32_t slot) const {
    return clients_[slot].is_stamped_here;
  }
  /// Returns how often the client's account goes into its stream; 0 for never.
  [[nodiscard]] std::chrono::nanoseconds stats_interval(std::uint32_t slot) const {
    return clients_[slot].stats_interval;
  }

  /// Returns the slot of the client inside whose filters or formatter a thread is. Any thread.
  [[nodiscard]] std::optional<std::uint32_t> inside_callbacks_of() const {
    const std::uint32_t slot = inside_.load(std::memory_order_seq_cst);  // see end_callbacks()
    return slot == kNowhere ? std::nullopt : std::optional(slot);
  }
  /// Starts no filter and no formatter of the client in this slot any more: its later records count
  /// as lost (kExpired). True when a thread is inside one of them, and may stay there. Any thread.
  ///
  ///     flusher:  inside_ = slot;           here:  has_lost_callbacks = true;
  ///               read has_lost_callbacks          read inside_
  ///
  /// All four are seq_cst, so at least one of the two threads reads what the other has stored.
  bool end_callbacks(std::uint32_t slot) {
    clients_[slot].has_lost_callbacks.store(true, std::memory_order_seq_cst);
    return inside_callbacks_of() == slot;
  }
  /// True after end_callbacks(). Any thread.
  [[nodiscard]] bool has_ended_callbacks(std::uint32_t slot) const {
    return clients_[slot].has_lost_callbacks.load(std::memory_order_relaxed);  // relaxed: a switch
  }
  /// Does the same when the thread inside them exits the process and never returns to them.
  void give_up_callbacks(std::uint32_t slot) {
    end_callbacks(slot);
    clients_[slot].is_never_left = true;
    QueueThread::LateWakes::end();
    inside_.store(kNowhere, std::memory_order_seq_cst);  // see end_callbacks()
  }

  [[nodiscard]] DestinationGroups& groups() { return groups_; }
  /// See DestinationGroups.
  [[nodiscard]] const std::vector<std::uint32_t>& slots_of(std::uint32_t slot) const {
    return groups_.slots_of(slot);
  }
  /// Delivers the record of a call to the client in this slot, or counts it as filtered or lost, at
  /// each of its destinations. False when one that is waited for has no room: then no destination
  /// has the record, which is to be delivered again later.
  bool deliver(const RecordView& record, std::uint32_t slot, std::size_t queue_key) {
    if (groups_.slots_of(slot).size() > 1) [[unlikely]] {
      return groups_.deliver(record, slot, queue_key, [&](std::uint32_t each) {
        deliver_filtered(record, each, queue_key);
      });
    }
    if (clients_[slot].filters != nullptr) [[unlikely]]
      return deliver_filtered(record, slot, queue_key);
    return deliver_encoded(record, slot, queue_key);
  }
  /// Puts an engine message, which reports `notice`, into the client's stream; false when there is
  /// no room.
  bool deliver(const EngineMessage& message, const Notice& notice, std::uint32_t slot,
               std::size_t queue_key);
  /// True when records that find no room are to be given up: since the client's destination has
  /// been stalled for so long that other clients' records wait in the same rings; or, of one of
  /// several destinations that is not waited for, that the others have waited long enough.
  [[nodiscard]] bool gives_up(std::uint32_t slot) const;
  /// Waits for room at this destination no longer: it is being closed. Any thread.
  void end_waiting(std::uint32_t slot) {
    clients_[slot].is_waited_for.store(false, std::memory_order_relaxed);  // relaxed: a switch
  }

 private:
  static constexpr std::uint32_t kNowhere = kClientSlots;
  void set_up(std::uint32_t slot, ClientSetup setup);
  Encoder& encoder_of(MessageFormat format);
  /// Inline, as the straight path of every message.
  bool deliver_encoded(const RecordView& record, std::uint32_t slot, std::size_t queue_key) {
    const DeliveryClient& client = clients_[slot];
    char* const out =
        client.destination->try_reserve(queue_key, client.encoder->bound(record, slot));
    if (out == nullptr) [[unlikely]]
      return count_if_given_up(slot);
    client.destination->commit(queue_key, client.encoder->encode(out, record, slot), record.id);
    return true;
  }
  bool deliver_filtered(const RecordView& record, std::uint32_t slot, std::size_t queue_key);
  bool count_if_given_up(std::uint32_t slot);

  const std::string program_;
  EnvelopeEncoder envelopes_;
  TextEncoder lines_;
  LayoutEncoder layouts_;
  DeliveryClients clients_;
  DestinationGroups groups_{clients_};
  SlotSet used_;  // stored under the flusher's mutex
  // Guards where destinations are. Those who write hold the flusher's mutex, too; arrive() does
  // not, and writes only `arrival`. Held for a few moves or reads; nothing is allocated or freed,
  // and no code of others runs, under it.
  mutable std::mutex accounts_mutex_;
  std::atomic<std::uint32_t> arrivals_{0};  // stored under the accounts' mutex
  std::size_t client_count_ = 0;            // of those that have a destination
  std::atomic<std::uint32_t> inside_{kNowhere};
};

}  // namespace metlog
