#include "metlog/internal/engine/engine_state.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <bit>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/base/own_thread.h"
#include "metlog/internal/base/random_id.h"
#include "metlog/internal/base/standard_descriptors.h"
#include "metlog/internal/base/start_thread.h"
#include "metlog/internal/base/system_facts.h"
#include "metlog/internal/base/ticks.h"
#include "metlog/internal/emit/flusher_wakeup.h"
#include "metlog/internal/emit/producer.h"
#include "metlog/internal/emit/sampled_out.h"
#include "metlog/internal/emit/signal_scope.h"
#include "metlog/internal/engine/crash_drain.h"
#include "metlog/internal/engine/crash_handler.h"
#include "metlog/internal/engine/main_thread_watch.h"
#include "metlog/internal/flush/poll_interval.h"

namespace metlog {
namespace {

using std::chrono::steady_clock;

unsigned cells_log2_of(std::size_t ring_bytes) {
  return static_cast<unsigned>(std::bit_width(ring_bytes / kCellBytes) - 1);
}

void say_no_session(const std::string& reason) {
  static constinit DiagnosticLimit limit;
  diagnose_seldom(
      limit,
      "the rings are in anonymous memory, so messages are lost if the process is "
      "killed: %s; give EngineOptions::session_directory, or \"none\" if that is wanted",
      reason.c_str());
}

SleepTime::Limits sleep_limits(const EngineOptions& options) {
  return {options.poll_interval, options.max_poll_interval, options.idle_interval};
}

// Decides what a tick is before the first one is read.
std::unique_ptr<Clock> make_clock(const EngineOptions& options, std::unique_ptr<Clock> given) {
  g_ticks_are_steady = options.use_tsc && processor_has_steady_ticks();
  return given != nullptr ? std::move(given) : std::make_unique<SystemClock>();
}

}  // namespace

ThreadPlace place_of(const EngineOptions& options, const char* usual, const char* end) {
  const std::string& name = options.thread_name;
  ThreadPlace place{name.empty() ? usual : name + end, options.thread_nice, {}};
  if (options.thread_affinity.has_value()) {
    place.cpus = parse_cpu_list(*options.thread_affinity).value_or(std::vector<int>{});
  }
  return place;
}

absl::Status check_here(const EngineOptions& options) {
  if (absl::Status status = check_options(options); !status.ok()) return status;
  return place_of(options, "metlog-check", "-check").check();
}

absl::Status Engine::State::check_runs(const State* state, std::string_view function) {
  const char* why = nullptr;
  if (state == nullptr || !state->belongs_to_this_process()) {
    why = " was called by what metlog itself calls while it starts; call it later";
  } else if (state->has_exited.load(std::memory_order_relaxed)) {  // relaxed: a switch
    why = " was called after all clients were closed because the process exits";
  }
  return why == nullptr ? absl::OkStatus()
                        : absl::FailedPreconditionError(absl::StrCat(
                              absl::string_view(function.data(), function.size()), why));
}

Engine::State::~State() { CrashHandler::forget(session.get()); }

namespace {

ProcessText process_text(const Engine::Parts& parts, std::int64_t owner_pid) {
  return {parts.pid != 0 ? parts.pid : owner_pid,
          parts.hostname.empty() ? host_name() : parts.hostname, Session::program_name()};
}

}  // namespace

Engine::State::State(Parts&& parts)
    : threads(parts.threads),
      options(parts.options),
      owner_pid(getpid()),
      flusher_place(place_of(options, "metlog-flusher", "-flush")),
      idle(std::move(parts.idle)),
      batches(idle == nullptr ? Flusher::Batches::kMayLinger : Flusher::Batches::kGo),
      clock(make_clock(options, std::move(parts.clock))),
      first_line(clock->line()) {
  RingSet::Options ring_options;
  ring_options.cells_log2 = cells_log2_of(options.ring_bytes);
  ring_options.spare_count = options.spare_rings;
  ring_options.max_bytes = options.max_ring_bytes;
  keep_standard_descriptors();
  if (options.session_directory != "none") {
    session = std::make_unique<Session>(options.session_directory);
    if (!session->is_open()) say_no_session(session->error());
  }
  const std::array<std::uint8_t, 16> id = session != nullptr ? session->id() : random_id();
  const int directory_fd = session != nullptr && session->is_open() ? session->directory_fd() : -1;
  destinations = std::make_unique<Destinations>(Destinations::Options{
      id, directory_fd, threads == Threads::kOwn, place_of(options, "metlog-send", "-send")});
  if (directory_fd >= 0) {
    ring_options.directory_fd = directory_fd;
    ring_options.session_id = session->id().data();
    session->set_clock(first_line);
    SiteRegistry::instance().set_visitor(
        [this](const RegisteredSite& site) { session->append_site(site); });
  }
  if (options.crash_handler) CrashHandler::install(session.get(), options.crash_drain_limit);
  ring_options.wakes_flusher = idle == nullptr && options.wake_when_filling;
  // relaxed: no ring is claimed yet
  g_wake_severity.store(idle == nullptr && options.wake_severity.has_value()
                            ? static_cast<std::int8_t>(*options.wake_severity)
                            : std::int8_t{-1},
                        Order::kRelaxed);
  rings = std::make_unique<RingSet>(ring_options);
  flusher = std::make_unique<Flusher>(Flusher::Parts{
      rings.get(), clock.get(), process_text(parts, owner_pid), id_text(id), options.linger});
  if (idle == nullptr) idle = std::make_unique<PollInterval>(sleep_limits(options), *flusher);
}

absl::Status Engine::State::start_threads() {
  if (stopping.load(std::memory_order_relaxed)) {  // relaxed: a switch
    return absl::FailedPreconditionError("metlog has stopped because the process exits");
  }
  absl::Status status = check_thread_options(options);
  // A child goes on where it is: its messages are worth more than its place.
  if (status.ok() && threads == Threads::kOwn && !has_parent) status = flusher_place.check();
  if (threads == Threads::kOwn && status.ok())
    status = flusher->start_queues(with_grace(steady_clock::now()));
  if (threads == Threads::kOwn && status.ok()) {
    // Made here, so that a crash before the thread has begun waits for it, too.
    const auto crash = std::make_shared<CrashDrain>(*flusher);
    status = start_thread(flusher_thread, "the flusher's", [this, crash] { run(*crash); });
  }
  // release: pairs with the acquires of calls that claim a ring
  if (status.ok()) g_ring_set.store(rings.get(), std::memory_order_release);
  if (status.ok()) SignalScope::prepare(*rings);
  return status;
}

void Engine::State::stop() {
  g_ring_set.store(nullptr, std::memory_order_release);  // pairs as in start()
  stopping.store(true, std::memory_order_release);       // pairs with the acquire in run()
  wake_flusher();
  if (flusher_thread.joinable()) flusher_thread.join();
  SiteRegistry::instance().set_visitor({});
}

void Engine::State::run(CrashDrain& crash) {
  const OwnThread mark;
  flusher_place.enter_or_say();
  prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
  ask_for_short_slice();
  MainThreadWatch main_thread;
  // acquire: pairs with the release in stop()
  while (!stopping.load(std::memory_order_acquire)) {
    const bool worked = flusher->step(steady_clock::time_point::max(), batches);
    finish_clients();
    crash.look();
    SignalScope::prepare(*rings);  // for a library that was loaded since
    if (session != nullptr) session->set_clock(flusher->clock_line());
    main_thread.look();
    idle->idle(worked);
  }
  flusher_is_done.store(true, std::memory_order_release);  // pairs with stop_at_exit()
}

void Engine::State::stop_at_exit() {
  stopping.store(true, std::memory_order_release);  // pairs with the acquire in run()
  flusher->give_back();
  if (!has_flusher() || FlusherThread::is_here()) return;
  const steady_clock::time_point deadline = steady_clock::now() + std::chrono::milliseconds(100);
  // acquire: pairs with the release in run()
  if (wait_until([this] { return flusher_is_done.load(std::memory_order_acquire); }, deadline)) {
    flusher_thread.join();
  }
}

bool Engine::State::belongs_to_this_process() const { return getpid() == owner_pid; }

void Engine::State::begin_slot(std::uint32_t slot, Destination& destination) {
  closing[slot].store(Closing::kNot, std::memory_order_relaxed);  // relaxed: as below
  const std::uint32_t calls_of = slots.at(slot).first_slot.value_or(slot);
  rings->clear_counts(slot);
  clear_sampled_out(slot);
  rings->accounts().begin(slot, destination.queue(0).stream().number, calls_of);
  destination.count_in(&rings->accounts().of(slot));
  // relaxed: add_client() orders it before any call of the client; losses of the slot's last client
  // that are not marked yet are not reported
  g_client_policies[slot].generation.store(generation_of(slot) + 1, Order::kRelaxed);
  if (session != nullptr) session->append_client(describe(slot, slots.at(slot), destination));
}

void Engine::State::connect(const std::vector<std::uint32_t>& client_slots,
                            std::vector<std::unique_ptr<Destination>> client_destinations) {
  bool is_stamped_here = false;
  for (std::size_t i = 0; i < client_slots.size(); ++i) {
    begin_slot(client_slots[i], *client_destinations[i]);
    is_stamped_here |= slots.at(client_slots[i]).options.stamped_by == StampedBy::kFlusher;
  }
  // The first one last: its arrival brings the others along.
  for (std::size_t i = client_slots.size(); i-- > 0;) {
    flusher->add_client(client_slots[i], prepare(client_slots[i]),
                        std::move(client_destinations[i]));
  }
  if (is_stamped_here) wake_flusher();  // which may not sleep for long from now on
}

void Engine::State::end_waiting(std::uint32_t slot) const {
  flusher->end_waiting(slot);
  // relaxed: a switch
  g_client_policies[slot].when_full.store(static_cast<std::uint8_t>(WhenFull::kDrop),
                                          Order::kRelaxed);
}

void Engine::State::finish_clients() {
  unfinished.finish(*flusher, [this](std::uint32_t slot) { slots.give_back(slot); });
}

ClientSetup Engine::State::prepare(std::uint32_t slot) {
  const ClientOptions& client = slots.at(slot).options;
  publish_policies(slot);
  return {{client.logger, client.severity, client.timer_resolution},
          client.format,
          client.filters,
          client.stamped_by == StampedBy::kFlusher,
          client.stats_interval,
          slots.at(slot).level,
          slots.at(slot).is_waited_for,
          slots.at(slot).others};
}

void Engine::State::publish_policies(std::uint32_t slot) {
  const ClientOptions& client = slots.at(slot).options;
  ClientPolicy& policy = g_client_policies[slot];
  // relaxed, both: switches
  policy.when_full.store(static_cast<std::uint8_t>(client.when_full), Order::kRelaxed);
  policy.grow_limit_bytes.store(client.grow_limit_bytes, Order::kRelaxed);
}

std::optional<Destination::Offered> Engine::State::wait_until_settled(
    std::uint32_t slot, steady_clock::time_point deadline) {
  // The current round may have passed the caller's ring already.
  const std::uint64_t round = flusher->ask_for_round();
  const auto is_drained = [&] { return flusher->drained_round() >= round; };
  if (!wait_until(is_drained, deadline)) return std::nullopt;
  Destination::Offered offered = flusher->with_account(slot, [](const Destination* account) {
    return account == nullptr ? Destination::Offered{} : account->offered();
  });
  if (!wait_until([&] { return has_done(slot, offered); }, deadline)) return std::nullopt;
  return offered;
}

bool Engine::State::has_done(std::uint32_t slot, const Destination::Offered& offered) const {
  return flusher->with_account(slot, [&](const Destination* account) {
    return account == nullptr || account->has_done(offered);
  });
}

Handover Engine::State::wait_until_handed_over(std::uint32_t slot,
                                               steady_clock::time_point deadline) {
  const std::optional<Destination::Offered> offered = wait_until_settled(slot, deadline);
  if (!offered.has_value()) return Handover::kNone;
  flusher->with_account(slot, [&](const Destination* account) {
    if (account != nullptr) account->ask_for_handover(*offered, deadline);
  });
  std::optional<Handover> handover;
  const auto is_handed_over = [&] {
    handover = flusher->with_account(slot, [&](const Destination* account) {
      // A client that was closed meanwhile: its receipt says where everything is.
      return account == nullptr ? Handover::kNone : account->handover(*offered);
    });
    return handover.has_value();
  };
  wait_until(is_handed_over, deadline);
  return handover.value_or(Handover::kNone);
}

bool Engine::State::wait_until(const std::function<bool()>& is_reached,
                               steady_clock::time_point deadline) {
  while (!is_reached()) {
    if (steady_clock::now() >= deadline) return false;
    // No other thread steps in a forked child that cannot start threads, either.
    const bool steps = !has_flusher() || (FlusherThread::is_here() && flusher->is_taken_over());
    const bool worked = steps && flusher->step(deadline);
    if (threads == Threads::kOwn && !worked) {
      const MutexLoan loan(flusher->lendable());
      wake_flusher();
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  }
  return true;
}

void Engine::State::report_last_losses(std::uint32_t slot, steady_clock::time_point deadline) {
  Flusher::Clients clients(*flusher);
  Destination::Offered offered = clients.report_last_losses(slot, with_grace(deadline));
  if (offered.destination == 0) return;
  // Only then can the last account say what became of everything before it.
  wait_until([&] { return has_done(slot, offered); }, deadline);
  offered = clients.report_last_account(slot, with_grace(deadline));
  wait_until([&] { return has_done(slot, offered); }, deadline);
}

Ledger Engine::State::complete(Ledger ledger, std::uint32_t slot) const {
  return whole_account(ledger, *rings, slot);
}

}  // namespace metlog
