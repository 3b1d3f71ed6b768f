#include "metlog/engine.h"

#include <cstdlib>
#include <mutex>
#include <new>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/base/reentrant_mutex.h"
#include "metlog/internal/base/url.h"
#include "metlog/internal/emit/flusher_wakeup.h"
#include "metlog/internal/engine/client_state.h"
#include "metlog/internal/engine/engine_state.h"
#include "metlog/internal/engine/exit.h"
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
};
ProcessEngine& process_engine() {
  static auto* const kProcess = new ProcessEngine;
  return *kProcess;
}

void say_no_destination(const OpenSlot& open, const absl::Status& why) {
  diagnose("after fork() the client '%s' has no destination, and its messages are lost: %s",
           open.options.logger.c_str(), std::string(why.message()).c_str());
}

// The engine that a forked child restarts.
std::atomic<Engine*> g_current{nullptr};

}  // namespace

Engine::Engine(Parts parts) : state_(nullptr) { start(std::move(parts)); }

Engine* Engine::current() {
  // acquire: pairs with the release in start()
  Engine* const engine = g_current.load(std::memory_order_acquire);
  const bool runs_here =
      engine != nullptr && engine->state_ != nullptr && engine->state_->belongs_to_this_process();
  return runs_here ? engine : nullptr;
}

void Engine::start(Parts parts) {
  state_ = new State(std::move(parts));
  [[maybe_unused]] static const int kRegistered = std::atexit(&ProcessExit::flush);
  // release, both: pair with the acquires of the first claim in a child
  g_current.store(this, std::memory_order_release);
  g_restart_in_child.store(&Engine::restart_current, std::memory_order_release);
  state_->start();
}

Engine::~Engine() {
  g_current.store(nullptr, std::memory_order_release);  // pairs as in start()
  if (!state_->belongs_to_this_process()) return;
  state_->stop();
  delete state_;
}

Engine& Engine::instance() {
  ProcessEngine& process = process_engine();
  const std::lock_guard lock(process.mutex);
  if (process.engine == nullptr) {
    // Never destroyed: threads may be inside a call until the process ends. Known before it is
    // started: the program's allocator may call open(), which check_runs() refuses meanwhile.
    alignas(Engine) static unsigned char memory[sizeof(Engine)];
    process.engine = new (memory) Engine(Unstarted{});
    process.engine->start(Parts{process.options, Threads::kOwn, nullptr, nullptr, 0, {}});
  }
  process.engine->restart_if_forked();
  return *process.engine;
}

absl::Status Engine::configure(const EngineOptions& options) {
  if (absl::Status status = check_options(options); !status.ok()) return status;
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

const EngineOptions& Engine::options() const { return state_->options; }

RingSet* Engine::restart_current() {
  // acquire: pairs with the release in start()
  Engine* const engine = g_current.load(std::memory_order_acquire);
  return engine == nullptr ? nullptr : engine->restart_if_forked();
}

RingSet* Engine::restart_if_forked() {
  // Of the child: no thread locks it in the parent, so it is free here.
  static constinit ReentrantMutex mutex;
  if (state_ == nullptr) return nullptr;
  if (state_->belongs_to_this_process()) return state_->rings.get();
  // A sender that is being made for the child, or the allocator, has logged.
  if (mutex.is_mine()) return nullptr;
  const std::lock_guard lock(mutex);
  if (state_->belongs_to_this_process()) return state_->rings.get();
  const State& parent = *state_;
  auto* const own = new State(Parts{parent.options, parent.threads, nullptr, nullptr, 0, {}});
  own->slots = parent.slots;
  own->next_slot = parent.next_slot;
  for (std::uint32_t slot = 0; slot < kClientSlots; ++slot) {
    if (!own->slots[slot].has_value() || own->slots[slot]->connect == nullptr) continue;
    const OpenSlot& open = *own->slots[slot];
    auto destination = own->make_destination(open.connect, open.options);
    if (!destination.ok()) say_no_destination(open, destination.status());
    if (destination.ok()) own->connect(slot, *std::move(destination));
  }
  state_ = own;
  own->start();
  return own->rings.get();
}

/// A client's checked options and the destination that was made for it.
struct Engine::Target {
  OpenSlot open;
  std::unique_ptr<Destination> destination;
};

absl::StatusOr<Engine::Target> Engine::resolve_target(std::string_view url,
                                                      const ClientOptions& options) {
  if (absl::Status status = State::check_runs(state_, "open()"); !status.ok()) return status;
  if (absl::Status status = check_can_wait("open()"); !status.ok()) return status;
  if (absl::Status status = check_options(options); !status.ok()) return status;
  absl::StatusOr<Url> parsed = sender_url(url);
  if (!parsed.ok()) return parsed.status();
  absl::StatusOr<Formatter> format = take_format(*parsed, options.format);
  if (!format.ok()) return format.status();
  ClientOptions formatted = options;
  formatted.format = *std::move(format);
  // Several connections, and each forked child, open the same file: only the first empties it.
  const auto connect = [url = std::make_shared<Url>(*std::move(parsed))] {
    absl::StatusOr<std::unique_ptr<Sender>> sender = make_sender(*url);
    if (sender.ok()) url->query.erase("truncate");
    return sender;
  };
  return resolve_target(connect, formatted);
}

absl::StatusOr<Engine::Target> Engine::resolve_target(const SenderFactory& connect,
                                                      const ClientOptions& options) {
  if (absl::Status status = State::check_runs(state_, "open()"); !status.ok()) return status;
  if (absl::Status status = check_can_wait("open()"); !status.ok()) return status;
  if (absl::Status status = check_options(options); !status.ok()) return status;
  absl::StatusOr<std::unique_ptr<Destination>> destination =
      state_->make_destination(connect, options);
  if (!destination.ok()) return destination.status();
  return Target{{connect, options}, *std::move(destination)};
}

absl::StatusOr<Engine::Target> Engine::resolve_target(std::unique_ptr<Sender> sender,
                                                      const ClientOptions& options) {
  if (absl::Status status = State::check_runs(state_, "open()"); !status.ok()) return status;
  if (absl::Status status = check_can_wait("open()"); !status.ok()) return status;
  if (absl::Status status = check_options(options); !status.ok()) return status;
  std::vector<std::unique_ptr<SendQueue>> queues;
  queues.push_back(std::make_unique<SendQueue>(std::move(sender), state_->queue_options(options)));
  return Target{{nullptr, options}, std::make_unique<Destination>(std::move(queues))};
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
  const std::uint32_t slot = state_->take_slot(target->open);
  if (slot == kClientSlots) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a process has at most ", kClientSlots, " open clients; close one first"));
  }
  state_->connect(slot, std::move(target->destination));
  Client client(new ClientState(this, target->open.options));
  client.gate_.slot = slot;
  client.state_->apply_to(client.gate_);
  return client;
}

template <class Where>
absl::Status Engine::reconfigure_to(Client& client, Where where, const ClientOptions& options) {
  constexpr const char* kClosed = "the client is closed; open another one";
  if (client.state_ == nullptr) return absl::FailedPreconditionError(kClosed);
  ClientState& state = *client.state_;
  if (absl::Status status = check_can_close("reconfigure()"); !status.ok()) return status;
  if (state.lifecycle.is_mine()) {
    return absl::FailedPreconditionError(
        "reconfigure() was called by what configures or closes the same client; call it later");
  }
  const std::lock_guard lock(state.lifecycle);
  // relaxed: stored under the mutex
  if (!state.is_open.load(std::memory_order_relaxed)) return absl::FailedPreconditionError(kClosed);
  state.engine->restart_if_forked();
  absl::StatusOr<Target> target = state.engine->resolve_target(std::move(where), options);
  if (!target.ok()) return target.status();
  const nanoseconds limit = state.close_limit();
  // Nothing fails after this.
  state.engine->state_->reconnect(client.gate_.slot, target->open, std::move(target->destination),
                                  limit, [&] {
                                    const std::lock_guard options_lock(state.mutex);
                                    state.take(target->open.options);
                                    state.apply_to(client.gate_);
                                    state.extras.note_destination(true, nullptr);
                                  });
  return absl::OkStatus();
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

bool Engine::step() { return state_->flusher->step(); }

std::string Engine::session() const {
  return state_->session == nullptr ? "" : state_->session->id_text();
}

std::string Engine::session_path() const {
  const bool outlives_process = state_->session != nullptr && state_->session->is_open();
  return outlives_process ? state_->session->path() : "";
}

std::uint64_t Engine::anonymous_rings() const {
  return state_->session == nullptr ? 0 : state_->rings->anonymous_count();
}

Ledger Engine::stats(std::uint32_t slot) const {
  // A child that has made no call has an empty account.
  if (!state_->belongs_to_this_process()) return {};
  // acquire: pairs with the release in ProcessExit::close_all()
  if (state_->has_exited.load(std::memory_order_acquire)) return state_->exit_ledgers[slot];
  return state_->complete(state_->flusher->ledger(slot), slot);
}

std::int64_t Engine::milliseconds(std::uint64_t elapsed_ticks) const {
  const std::uint64_t ns = state_->first_line.span_ns(elapsed_ticks);
  return static_cast<std::int64_t>((ns + 500'000) / 1'000'000);
}

FlushResult Engine::flush(std::uint32_t slot, nanoseconds limit) {
  // A child that has made no call holds nothing.
  if (!state_->belongs_to_this_process()) return {Handover::kKernel};
  // Refused where it would wait for its own thread.
  if (FlusherThread::is_here() && !state_->flusher->is_taken_over()) return {};
  if (state_->is_sending_here(slot)) return {};
  return {state_->wait_until_handed_over(slot, steady_clock::now() + limit)};
}

std::optional<Receipt> Engine::close(std::uint32_t slot, nanoseconds limit, Ledger& last) {
  if (!state_->belongs_to_this_process()) return std::nullopt;
  std::atomic<State::Closing>& closing = state_->closing[slot];
  // acq_rel: pairs with the exiting thread's exchange, when that closes it
  if (closing.exchange(State::Closing::kBegun, std::memory_order_acq_rel) != State::Closing::kNot) {
    const auto deadline = steady_clock::now() + limit;
    state_->wait_until([&] { return state_->has_exited.load(std::memory_order_acquire); },
                       deadline);
    last = stats(slot);
    return Receipt{last.sent, 0, last.lost.total(), false};
  }
  const Receipt receipt = close_slot(slot, limit, last);
  closing.store(State::Closing::kDone, std::memory_order_release);  // pairs with the exit's acquire
  return receipt;
}

Receipt Engine::close_slot(std::uint32_t slot, nanoseconds limit, Ledger& last) {
  const steady_clock::time_point deadline = steady_clock::now() + limit;
  state_->wait_until_settled(slot, deadline);
  state_->end_waiting(slot);
  state_->report_last_losses(slot, deadline);
  Handover handover = Handover::kNone;
  // Null in a child for a sender that could not be made again.
  Destination* const destination = state_->flusher->remove_client(slot);
  if (destination != nullptr) {
    const MutexLoan loan(state_->flusher->lendable());
    destination->stop(deadline);
    handover = destination->final_handover();
  }
  last = state_->complete(destination != nullptr ? destination->ledger() : Ledger{}, slot);
  // The flusher will skip what is still in the rings.
  const LossReason reason = destination != nullptr ? LossReason::kExpired : LossReason::kForked;
  if (last.unexplained() > 0) last.lost[reason] += static_cast<std::uint64_t>(last.unexplained());
  return Receipt{last.sent, 0, last.lost.total(), handover == Handover::kPeer, handover};
}

void Engine::forget(std::uint32_t slot) {
  // Ended meanwhile: the process exits, and the exiting thread may be at work on the slot.
  if (state_->has_exited.load(std::memory_order_acquire)) return;  // acquire: as in stats()
  state_->flusher->forget_client(slot).reset();
  state_->give_back_slot(slot);
}

}  // namespace metlog
