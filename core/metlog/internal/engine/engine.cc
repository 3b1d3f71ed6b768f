#include "metlog/engine.h"

#include <mutex>
#include <new>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/base/reentrant_mutex.h"
#include "metlog/internal/base/url.h"
#include "metlog/internal/emit/flusher_wakeup.h"
#include "metlog/internal/engine/client_end.h"
#include "metlog/internal/engine/client_move.h"
#include "metlog/internal/engine/client_state.h"
#include "metlog/internal/engine/engine_state.h"
#include "metlog/internal/engine/exit.h"
#include "metlog/internal/engine/forked_child.h"
#include "metlog/internal/engine/startup_recovery.h"
#include "metlog/internal/engine/waiting.h"
#include "metlog/internal/flush/destination_url.h"
#include "metlog/make_sender.h"

namespace metlog {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

struct ProcessEngine {
  ReentrantMutex mutex;
  EngineOptions options;
  Engine* engine = nullptr;
  std::atomic<Engine*> running{nullptr};  // the same, once it is started
};
ProcessEngine& process_engine() {
  static auto* const kProcess = new ProcessEngine;
  return *kProcess;
}

/// Returns what makes the URL's senders where our threads run: libraries start theirs meanwhile,
/// which inherit the place. Several connections, and each forked child, open the same file: only
/// the first empties it.
SenderFactory factory_of(const ThreadPlace& place, Url url) {
  return [place, url = std::make_shared<Url>(std::move(url))] {
    absl::StatusOr<std::unique_ptr<Sender>> sender = absl::UnknownError("");
    place.run([&] { sender = make_sender(*url); });
    if (sender.ok()) url->query.erase("truncate");
    return sender;
  };
}

// The engine that a forked child restarts.
std::atomic<Engine*> g_current{nullptr};

}  // namespace

Engine::Engine(Parts parts) { start(std::move(parts)); }

Engine* Engine::current() {
  // acquire: pairs with the release in start()
  Engine* const engine = g_current.load(std::memory_order_acquire);
  const State* const state = engine != nullptr ? engine->state() : nullptr;
  return state != nullptr && state->belongs_to_this_process() ? engine : nullptr;
}

void Engine::start(Parts parts) {
  recovery_ = std::make_shared<StartupRecovery>(parts.options, parts.threads);
  // (2) release: pairs with the acquire (1) in state()
  state_.store(new State(std::move(parts)), std::memory_order_release);
  ProcessExit::register_handlers();
  // release, both: pair with the acquires of the first claim in a child
  g_current.store(this, std::memory_order_release);
  g_restart_in_child.store(&Engine::restart_current, std::memory_order_release);
  // If the system refuses a thread, the next open() tries again, and says so.
  state()->starter.start().IgnoreError();
}

Engine::~Engine() {
  g_current.store(nullptr, std::memory_order_release);  // pairs as in start()
  State* const own = state();
  if (!own->belongs_to_this_process()) return;
  own->stop();
  delete own;
}

Engine& Engine::instance() {
  ProcessEngine& process = process_engine();
  // acquire: pairs with the release below. Without the mutex, under which a child starts its engine
  if (Engine* const running = process.running.load(std::memory_order_acquire)) {
    ForkedChild::own_state(*running);
    return *running;
  }
  const std::lock_guard lock(process.mutex);
  if (process.engine == nullptr) {
    // Never destroyed: threads may be inside a call until the process ends. Known before it is
    // started: the program's allocator may call open(), which check_runs() refuses meanwhile.
    alignas(Engine) static unsigned char memory[sizeof(Engine)];
    process.engine = new (memory) Engine(Unstarted{});
    process.engine->start(Parts{process.options, Threads::kOwn, nullptr, nullptr, 0, {}});
    process.running.store(process.engine,
                          std::memory_order_release);  // pairs with the acquire above
  }
  ForkedChild::own_state(*process.engine);
  return *process.engine;
}

absl::Status Engine::configure(const EngineOptions& options) {
  if (absl::Status status = check_here(options); !status.ok()) return status;
  ProcessEngine& process = process_engine();
  const std::lock_guard lock(process.mutex);
  if (process.engine != nullptr) {
    return absl::FailedPreconditionError(
        "the engine is already running; call Engine::configure() before the first open()");
  }
  process.options = options;
  return absl::OkStatus();
}

EngineOptions Engine::process_options() {
  ProcessEngine& process = process_engine();
  const std::lock_guard lock(process.mutex);
  return process.options;
}

const EngineOptions& Engine::options() const { return state()->options; }

RingSet* Engine::restart_current(std::uint32_t client) {
  // acquire: pairs with the release in start()
  Engine* const engine = g_current.load(std::memory_order_acquire);
  return engine == nullptr ? nullptr : ForkedChild::rings_for_call(*engine, client);
}

/// A client's checked options and the destination that was made for it.
struct Engine::Target {
  OpenSlot open;
  std::unique_ptr<Destination> destination;
};

namespace {

/// What is open when this queue sends; the format as it is written to its destination.
OpenSlot open_slot(const SenderFactory& connect, ClientOptions options, const SendQueue& first) {
  options.format = shown_on(first.sender().url(), options.format);
  return {connect, std::move(options), std::string(first.sender().url()), first.handover()};
}

}  // namespace

absl::StatusOr<Engine::Target> Engine::target_of(
    const SenderFactory& connect, const ClientOptions& options,
    absl::StatusOr<std::unique_ptr<Destination>> destination) {
  if (!destination.ok()) return destination.status();
  return Target{open_slot(connect, options, (*destination)->queue(0)), *std::move(destination)};
}

absl::Status Engine::check_open(const ClientOptions& options) const {
  if (absl::Status status = State::check_runs(state(), "open()"); !status.ok()) return status;
  if (absl::Status status = check_can_wait("open()"); !status.ok()) return status;
  if (absl::Status status = check_options(options); !status.ok()) return status;
  // Before a sender is made, which may empty a file.
  return state()->starter.start();
}

absl::StatusOr<Engine::Target> Engine::resolve_target(std::string_view url,
                                                      const ClientOptions& options) {
  if (absl::Status status = check_open(options); !status.ok()) return status;
  absl::StatusOr<Url> parsed = sender_url(url);
  if (!parsed.ok()) return parsed.status();
  absl::StatusOr<Formatter> format = take_format(*parsed, options.format);
  if (!format.ok()) return format.status();
  const absl::StatusOr<bool> ids = take_ids(*parsed, options.message_ids);
  if (!ids.ok()) return ids.status();
  ClientOptions formatted = options;
  formatted.format = *std::move(format);
  formatted.message_ids = *ids;
  return resolve_target(factory_of(state()->flusher_place, *std::move(parsed)), formatted);
}

absl::StatusOr<Engine::Target> Engine::resolve_target(const SenderFactory& connect,
                                                      const ClientOptions& options) {
  if (absl::Status status = check_open(options); !status.ok()) return status;
  return target_of(connect, options, state()->destinations->make(connect, options));
}

absl::StatusOr<Engine::Target> Engine::resolve_target(std::unique_ptr<Sender> sender,
                                                      const ClientOptions& options) {
  if (absl::Status status = check_open(options); !status.ok()) return status;
  return target_of(nullptr, options, state()->destinations->make(std::move(sender), options));
}

absl::StatusOr<Client> Engine::open(std::string_view url, const ClientOptions& options) {
  return open_target(resolve_target(url, options));
}

absl::StatusOr<Client> Engine::open(std::unique_ptr<Sender> sender, const ClientOptions& options) {
  return open_target(resolve_target(std::move(sender), options));
}

absl::StatusOr<Client> Engine::open(const SenderFactory& connect, const ClientOptions& options) {
  return open_target(resolve_target(connect, options));
}

absl::StatusOr<Client> Engine::open_target(absl::StatusOr<Target> target) {
  if (!target.ok()) return target.status();
  ProcessExit::close_left_behind(*this);
  const std::uint32_t slot = state()->take_slot(target->open);
  if (slot == kClientSlots) {
    absl::Status status = absl::ResourceExhaustedError(
        absl::StrCat("a process has at most ", kClientSlots, " open clients; close one first"));
    status.SetPayload(kNoFreeSlot, {});
    return status;
  }
  state()->connect(slot, std::move(target->destination));
  Client client(new ClientState(this, target->open.options));
  client.gate_.slot = slot;
  client.state_->begin(client.gate_);
  recovery_->start();
  return client;
}

template <class Where>
absl::Status Engine::reconfigure_to(Client& client, Where where, const ClientOptions& options) {
  absl::Status status = absl::FailedPreconditionError("the client is closed; open another one");
  if (client.state_ == nullptr) return status;
  ClientState& state = *client.state_;
  if (absl::Status may = check_can_close("reconfigure()"); !may.ok()) return may;
  if (state.lifecycle.is_mine()) {
    return absl::FailedPreconditionError(
        "reconfigure() was called by what configures or closes the same client; call it later");
  }
  const nanoseconds limit = state.close_limit();
  // Another thread configures or closes the client, though none may: it may be waiting for us.
  if (!state.lifecycle.try_lock_until(steady_clock::now() + limit)) {
    return absl::DeadlineExceededError(
        "reconfigure() has waited for the client's close_limit for another thread that configures "
        "or closes the same client; the client is unchanged");
  }
  if (const std::lock_guard lock(state.lifecycle, std::adopt_lock);
      state.is_open.load(std::memory_order_relaxed)) {  // relaxed: stored under the mutex
    ForkedChild::own_state(*state.engine);
    absl::StatusOr<Target> target = state.engine->resolve_target(std::move(where), options);
    status = target.status();
    const State::ClientMove move{*state.engine->state(), client.gate_.slot};
    const auto publish = [&] { state.replace_options(target->open.options, client.gate_); };
    if (target.ok()) status = move.to(target->open, std::move(target->destination), limit, publish);
  }
  // acq_rel: pairs with the exchange in lock_to_close()
  if (state.close_wanted.exchange(false, std::memory_order_acq_rel)) client.close(limit);
  return status;
}

absl::Status Engine::reconfigure(Client& client, std::string_view url,
                                 const ClientOptions& options) {
  return reconfigure_to(client, url, options);
}

absl::Status Engine::reconfigure(Client& client, std::unique_ptr<Sender> sender,
                                 const ClientOptions& options) {
  return reconfigure_to(client, std::move(sender), options);
}

absl::Status Engine::reconfigure(Client& client, const SenderFactory& connect,
                                 const ClientOptions& options) {
  return reconfigure_to(client, connect, options);
}

bool Engine::step() {
  const bool worked = state()->flusher->step();
  state()->finish_clients();
  return worked;
}

std::string Engine::session() const {
  return state()->session == nullptr ? "" : state()->session->id_text();
}

std::string Engine::session_path() const {
  const bool outlives_process = state()->session != nullptr && state()->session->is_open();
  return outlives_process ? state()->session->path() : "";
}

std::uint64_t Engine::anonymous_rings() const {
  return state()->session == nullptr ? 0 : state()->rings->anonymous_count();
}

Ledger Engine::stats(std::uint32_t slot) const {
  // A child that has made no call has an empty account.
  if (!state()->belongs_to_this_process()) return {};
  // acquire: pairs with the release in ProcessExit::close_all()
  if (state()->has_exited.load(std::memory_order_acquire)) return state()->exit_ledgers[slot];
  return state()->complete(state()->flusher->ledger(slot), slot);
}

std::int64_t Engine::milliseconds(std::uint64_t elapsed_ticks) const {
  const std::uint64_t ns = state()->first_line.span_ns(elapsed_ticks);
  return static_cast<std::int64_t>((ns + 500'000) / 1'000'000);
}

FlushResult Engine::flush(std::uint32_t slot, nanoseconds limit) {
  // A child that has made no call holds nothing.
  if (!state()->belongs_to_this_process()) return {Handover::kKernel};
  // Refused where it would wait for its own thread.
  if (FlusherThread::is_here() && !state()->flusher->is_taken_over()) return {};
  if (state()->is_sending_here(slot)) return {};
  return {state()->wait_until_handed_over(slot, steady_clock::now() + limit)};
}

std::optional<Receipt> Engine::close(std::uint32_t slot, nanoseconds limit, Ledger& last) {
  if (!state()->belongs_to_this_process()) return std::nullopt;
  std::atomic<State::Closing>& closing = state()->closing[slot];
  // acq_rel: pairs with the exiting thread's exchange, when that closes it
  if (closing.exchange(State::Closing::kBegun, std::memory_order_acq_rel) != State::Closing::kNot) {
    const auto deadline = steady_clock::now() + limit;
    state()->wait_until([&] { return state()->has_exited.load(std::memory_order_acquire); },
                        deadline);
    last = stats(slot);
    return Receipt{last.sent, 0, last.lost.total(), false};
  }
  const Receipt receipt = close_slot(slot, limit, last);
  closing.store(State::Closing::kDone, std::memory_order_release);  // pairs with the exit's acquire
  return receipt;
}

Receipt Engine::close_slot(std::uint32_t slot, nanoseconds limit, Ledger& last) {
  return State::ClientEnd{*state(), slot}.close(limit, last);
}

void Engine::forget(std::uint32_t slot) {
  // Ended meanwhile: the process exits, and the exiting thread may be at work on the slot.
  if (state()->has_exited.load(std::memory_order_acquire)) return;  // acquire: as in stats()
  State::ClientEnd{*state(), slot}.forget();
}

}  // namespace metlog
