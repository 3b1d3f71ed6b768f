#include "metlog/engine.h"

#include <mutex>
#include <new>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/base/reentrant_mutex.h"
#include "metlog/internal/emit/flusher_wakeup.h"
#include "metlog/internal/engine/client_end.h"
#include "metlog/internal/engine/client_move.h"
#include "metlog/internal/engine/client_state.h"
#include "metlog/internal/engine/engine_state.h"
#include "metlog/internal/engine/exit.h"
#include "metlog/internal/engine/forked_child.h"
#include "metlog/internal/engine/startup_recovery.h"
#include "metlog/internal/engine/target.h"
#include "metlog/internal/engine/waiting.h"

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

absl::Status client_is_closed() {
  return absl::FailedPreconditionError("the client is closed; open another one");
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

absl::Status Engine::check_open(const ClientOptions& options) const {
  if (absl::Status status = State::check_runs(state(), "open()"); !status.ok()) return status;
  if (absl::Status status = check_can_wait("open()"); !status.ok()) return status;
  if (absl::Status status = check_options(options); !status.ok()) return status;
  // Before a sender is made, which may empty a file.
  return state()->starter.start();
}

absl::StatusOr<Client> Engine::open(std::string_view url, const ClientOptions& options) {
  if (absl::Status status = check_open(options); !status.ok()) return status;
  return open_targets(Target::make(*state(), url, options));
}

absl::StatusOr<Client> Engine::open(std::unique_ptr<Sender> sender, const ClientOptions& options) {
  if (absl::Status status = check_open(options); !status.ok()) return status;
  return open_targets(Target::make(*state(), std::move(sender), options));
}

absl::StatusOr<Client> Engine::open(const SenderFactory& connect, const ClientOptions& options) {
  if (absl::Status status = check_open(options); !status.ok()) return status;
  return open_targets(Target::make(*state(), connect, options));
}

absl::StatusOr<Client> Engine::open(const std::vector<ClientOutput>& outputs,
                                    const ClientOptions& options) {
  if (absl::Status status = check_open(options); !status.ok()) return status;
  return open_targets(Target::make(*state(), outputs, options));
}

absl::StatusOr<Client> Engine::open_targets(absl::StatusOr<std::vector<Target>> targets) {
  if (!targets.ok()) return targets.status();
  ProcessExit::close_left_behind(*this);
  const ClientOptions options = targets->front().open.options;
  ClientOutputs::Outputs outputs;
  std::vector<OpenSlot> opened;
  std::vector<std::unique_ptr<Destination>> destinations;
  for (Target& target : *targets) {
    outputs.emplace_back(target.open);
    opened.push_back(std::move(target.open));
    destinations.push_back(std::move(target.destination));
  }
  const std::vector<std::uint32_t> slots = state()->slots.take(opened);
  if (slots.empty()) return no_free_slot();
  for (std::size_t i = 0; i < slots.size(); ++i) outputs[i].slot = slots[i];
  Client client(
      new ClientState(this, options, std::make_unique<ClientOutputs>(*this, std::move(outputs))));
  state()->connect(slots, std::move(destinations));
  client.gate_.slot = slots.front();
  client.state_->begin(client.gate_);
  recovery_->start();
  return client;
}

template <class Where>
absl::Status Engine::reconfigure_locked(Client& client, Where where, const ClientOptions& options,
                                        nanoseconds limit) {
  ClientState& state = *client.state_;
  // relaxed: stored under the mutex
  if (!state.is_open.load(std::memory_order_relaxed)) return client_is_closed();
  ForkedChild::own_state(*state.engine);
  if (absl::Status may = state.engine->check_open(options); !may.ok()) return may;
  State& engine = *state.engine->state();
  absl::StatusOr<std::vector<Target>> made = Target::make(engine, std::move(where), options);
  if (!made.ok()) return made.status();
  const ClientOptions chosen = made->front().open.options;
  ClientOutputs::Outputs outputs;
  for (const Target& target : *made) outputs.emplace_back(target.open);
  State::ClientMove move(engine, *state.outputs, steady_clock::now() + limit);
  return move.to(*std::move(made), [&](const std::vector<std::uint32_t>& slots) {
    for (std::size_t i = 0; i < slots.size(); ++i) outputs[i].slot = slots[i];
    state.replace_options(chosen, std::move(outputs), client.gate_);
  });
}

template <class Where>
absl::Status Engine::reconfigure_to(Client& client, Where where, const ClientOptions& options) {
  if (client.state_ == nullptr) return client_is_closed();
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
  absl::Status status;
  {
    const std::lock_guard lock(state.lifecycle, std::adopt_lock);
    status = reconfigure_locked(client, std::move(where), options, limit);
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

absl::Status Engine::reconfigure(Client& client, const std::vector<ClientOutput>& outputs,
                                 const ClientOptions& options) {
  return reconfigure_to(client, outputs, options);
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

Receipt Engine::close(std::uint32_t slot, nanoseconds limit, Ledger& last) {
  std::atomic<State::Closing>& closing = state()->closing[slot];
  // acq_rel: pairs with the exiting thread's exchange, when that closes it
  if (closing.exchange(State::Closing::kBegun, std::memory_order_acq_rel) != State::Closing::kNot) {
    state()->wait_until([&] { return state()->has_exited.load(std::memory_order_acquire); },
                        steady_clock::now() + limit);
    last = stats(slot);
    return Receipt{last.sent, 0, last.lost.total(), false};
  }
  const Receipt receipt = State::ClientEnd{*state(), slot}.close(limit, last);
  closing.store(State::Closing::kDone, std::memory_order_release);  // pairs with the exit's acquire
  return receipt;
}

void Engine::forget(std::uint32_t slot) {
  // Ended meanwhile: the process exits, and the exiting thread may be at work on the slot.
  if (state()->has_exited.load(std::memory_order_acquire)) return;  // acquire: as in stats()
  State::ClientEnd{*state(), slot}.forget();
}

}  // namespace metlog
