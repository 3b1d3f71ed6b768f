#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "metlog/engine.h"
#include "metlog/internal/base/thread_place.h"
#include "metlog/internal/engine/connect/destinations.h"
#include "metlog/internal/engine/slot_table.h"
#include "metlog/internal/engine/starter.h"
#include "metlog/internal/engine/unfinished.h"
#include "metlog/internal/engine/waiting.h"
#include "metlog/internal/flush/flusher_clients.h"
#include "metlog/internal/session/session.h"

namespace metlog {

class CrashDrain;

/// kInvalidArgument names the option, its value and its range.
absl::Status check_options(const EngineOptions& options);
absl::Status check_options(const ClientOptions& options);
/// The part of the first that is about threads.
absl::Status check_thread_options(const EngineOptions& options);
/// The first, and whether the system lets threads run as the options say: ThreadPlace::check().
absl::Status check_here(const EngineOptions& options);
/// The place of one of the threads, whose name is `usual` when the program does not choose, else
/// the chosen one and `end`.
ThreadPlace place_of(const EngineOptions& options, const char* usual, const char* end);

/// The parts of an engine. A forked child makes its own from its parent's options and slots and
/// leaves the rest alone, since locks may be held by threads that the child does not have.
struct Engine::State {
  explicit State(Parts&& parts);
  ~State();

  const Threads threads;
  const EngineOptions options;
  const std::int64_t owner_pid;
  /// Of the flusher; check_options() tells what is wrong when it is empty.
  const ThreadPlace flusher_place;
  bool has_parent = false;  // in a forked child
  std::unique_ptr<IdleStrategy> idle;
  const Flusher::Batches batches;  // kMayLinger with the sleeps of `options`
  std::unique_ptr<Clock> clock;
  ClockLine first_line;
  std::unique_ptr<Session> session;  // null when the options say so
  std::unique_ptr<Destinations> destinations;
  std::unique_ptr<RingSet> rings;
  std::unique_ptr<Flusher> flusher;
  /// Starts the threads, the flusher's and those of the clients' queues, and lets calls claim
  /// rings. Until that has worked no call gets a ring.
  Starter starter{[this] { return start_threads(); }};
  std::thread flusher_thread;  // assigned by the starter
  std::atomic<bool> stopping{false};
  std::atomic<bool> flusher_is_done{false};
  std::atomic<bool> has_exited{false};

  /// A client's way to its end. Its own close() and the exit of the process may come at once.
  enum class Closing : std::uint8_t { kNot, kBegun, kDone };
  std::array<std::atomic<Closing>, kClientSlots> closing{};
  UnfinishedClients unfinished;
  std::array<std::atomic<bool>, kClientSlots> left_behind{};  // by clients that are destroyed
  std::array<Ledger, kClientSlots>
      exit_ledgers{};  // once has_exited, of those that the exit closed
  /// Of what ProcessExit::flush() found done; the calls that each client had made by then.
  std::array<std::uint64_t, kClientSlots> settled_at_exit{};
  std::chrono::nanoseconds exit_flush_took{0};

  SlotTable slots;

  /// True when a thread of the engine's steps the flusher.
  [[nodiscard]] bool has_flusher() const {
    return threads == Threads::kOwn && starter.has_started();
  }
  /// Ends the flusher's thread; calls claim no more rings.
  void stop();

  [[nodiscard]] bool belongs_to_this_process() const;
  /// kFailedPrecondition while the engine starts, when `state` is null, and once it has exited.
  static absl::Status check_runs(const State* state, std::string_view function);
  /// True inside a sender of the client.
  [[nodiscard]] bool is_sending_here(std::uint32_t slot) const {
    return SendQueue::is_any_here() && flusher->with_account(slot, [](const Destination* account) {
      return account != nullptr && account->is_sending_here();
    });
  }
  /// Adds a client to the flusher.
  void connect(const std::vector<std::uint32_t>& client_slots,
               std::vector<std::unique_ptr<Destination>> client_destinations);
  /// Lets no call of the client wait for room any longer: it is being closed.
  void end_waiting(std::uint32_t slot) const;
  /// Waits until everything emitted before has left the rings and this client's part of it has been
  /// sent or lost. Returns what that was; nothing when the deadline comes first.
  std::optional<Destination::Offered> wait_until_settled(
      std::uint32_t slot, std::chrono::steady_clock::time_point deadline);
  /// True once all of it has been sent or lost.
  [[nodiscard]] bool has_done(std::uint32_t slot, const Destination::Offered& offered) const;
  /// Waits until the senders have flushed it, too. Returns where it is; kNone after the deadline.
  Handover wait_until_handed_over(std::uint32_t slot,
                                  std::chrono::steady_clock::time_point deadline);
  /// What close() and reconfigure() do with a client: client_end.h, client_move.h.
  struct ClientEnd;
  class ClientMove;
  void finish_clients();  // what can be finished; between two rounds, by the thread that does them
  /// Reports all losses of a client that is being closed in its stream, and waits until the
  /// message has been sent or lost.
  void report_last_losses(std::uint32_t slot, std::chrono::steady_clock::time_point deadline);
  /// Adds what the calling threads count to the destination's part of an account.
  [[nodiscard]] Ledger complete(Ledger ledger, std::uint32_t slot) const;
  /// Gives back what the exit has taken over, and ends the flusher's thread without waiting for it
  /// longer than for a moment.
  void stop_at_exit();

  bool wait_until(const std::function<bool()>& is_reached,
                  std::chrono::steady_clock::time_point deadline);

 private:
  /// Stores the slot's policies for the calls, and returns what the flusher needs.
  ClientSetup prepare(std::uint32_t slot);
  /// Begins the account of a slot that was free.
  void begin_slot(std::uint32_t slot, Destination& destination);
  void publish_policies(std::uint32_t slot);
  absl::Status start_threads();
  void run(CrashDrain& crash);
};

}  // namespace metlog
