#include "metlog/engine.h"

#include <pthread.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "metlog/client_state.h"
#include "metlog/emit/flusher_bell.h"
#include "metlog/emit/ring_set.h"
#include "metlog/flush/flusher.h"
#include "metlog/flush/make_sender.h"
#include "metlog/session/session.h"

namespace metlog {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

std::string host_name() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
}

unsigned cells_log2_of(std::size_t ring_bytes) {
  return static_cast<unsigned>(std::bit_width(ring_bytes / kCellBytes) - 1);
}

absl::Status check(const EngineOptions& options) {
  if (!std::has_single_bit(options.ring_bytes) || options.ring_bytes < 4096 ||
      options.ring_bytes > (std::size_t{64} << 20)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "ring_bytes is ", options.ring_bytes, "; it takes a power of two from 4096 to 64 MiB"));
  }
  return absl::OkStatus();
}

struct DefaultEngine {
  std::mutex mutex;
  EngineOptions options;
  Engine* engine = nullptr;
};
DefaultEngine& default_engine() {
  static auto* const kDefault = new DefaultEngine;
  return *kDefault;
}

}  // namespace

struct Engine::State {
  explicit State(Parts&& given);

  Threads threads;
  EngineOptions options;
  std::unique_ptr<Clock> clock;
  ClockLine first_line;
  std::unique_ptr<Session> session;  // null when the options say so
  std::unique_ptr<RingSet> rings;
  std::unique_ptr<Flusher> flusher;
  std::thread flusher_thread;
  std::atomic<bool> stopping{false};

  std::mutex slots_mutex;
  std::array<bool, kClientSlots> is_taken{};
  std::uint32_t next_slot = 0;

  void run();
  bool wait_until_settled(std::uint64_t round, steady_clock::time_point deadline);
};

Engine::State::State(Parts&& given)
    : threads(given.threads), options(given.options), clock(std::move(given.clock)) {
  if (clock == nullptr) clock = std::make_unique<SystemClock>();
  first_line = clock->line();
  if (options.session_directory != "none") {
    session = std::make_unique<Session>(options.session_directory);
  }
  RingSet::Options ring_options;
  ring_options.cells_log2 = cells_log2_of(options.ring_bytes);
  ring_options.spare_count = options.spare_rings;
  ring_options.max_bytes = options.max_ring_bytes;
  if (session != nullptr && session->is_open()) {
    ring_options.directory_fd = session->directory_fd();
    ring_options.session_id = session->id().data();
    session->set_clock(first_line);
    SiteRegistry::instance().set_visitor(
        [this](const RegisteredSite& site) { session->append_site(site); });
  }
  rings = std::make_unique<RingSet>(ring_options);
  const std::int64_t pid = given.pid != 0 ? given.pid : getpid();
  const std::string host = given.hostname.empty() ? host_name() : given.hostname;
  flusher = std::make_unique<Flusher>(
      Flusher::Parts{rings.get(), clock.get(), {pid, host}, session ? session->id_text() : "", {}});
}

void Engine::State::run() {
  pthread_setname_np(pthread_self(), "metlog-flusher");
  prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
  // acquire: pairs with the release in ~Engine()
  while (!stopping.load(std::memory_order_acquire)) {
    if (!flusher->step()) wait_for_flusher_bell(options.look_interval);
  }
}

bool Engine::State::wait_until_settled(std::uint64_t round, steady_clock::time_point deadline) {
  while (flusher->settled_round() < round) {
    if (steady_clock::now() >= deadline) return false;
    if (threads == Threads::kNone) {
      flusher->step();
    } else {
      ring_flusher_bell();
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  }
  return true;
}

Engine::Engine(Parts parts) : state_(std::make_unique<State>(std::move(parts))) {
  // release: pairs with the acquires of calls that claim a ring
  g_ring_set.store(state_->rings.get(), std::memory_order_release);
  if (state_->threads == Threads::kOwn) {
    state_->flusher_thread = std::thread([state = state_.get()] { state->run(); });
  }
}

Engine::~Engine() {
  g_ring_set.store(nullptr, std::memory_order_release);     // pairs as in the constructor
  state_->stopping.store(true, std::memory_order_release);  // pairs with the acquire in run()
  ring_flusher_bell();
  if (state_->flusher_thread.joinable()) state_->flusher_thread.join();
  SiteRegistry::instance().set_visitor({});
}

Engine& Engine::instance() {
  DefaultEngine& process = default_engine();
  const std::lock_guard lock(process.mutex);
  if (process.engine == nullptr) {
    // Never destroyed: threads may be inside a call until the very end.
    process.engine = new Engine(Parts{process.options, Threads::kOwn, nullptr, 0, {}});
    std::atexit([] { default_engine().engine->state_->session.reset(); });
  }
  return *process.engine;
}

absl::Status Engine::configure(const EngineOptions& options) {
  if (absl::Status status = check(options); !status.ok()) return status;
  DefaultEngine& process = default_engine();
  const std::lock_guard lock(process.mutex);
  if (process.engine != nullptr) {
    return absl::FailedPreconditionError(
        "the engine runs already; call Engine::configure() before the first open()");
  }
  process.options = options;
  return absl::OkStatus();
}

absl::StatusOr<Client> Engine::open(std::string_view url, const ClientOptions& options) {
  std::vector<std::unique_ptr<Lane>> lanes;
  for (std::size_t i = 0; i < std::max<std::size_t>(options.pool_size, 1); ++i) {
    absl::StatusOr<std::unique_ptr<Sender>> sender = make_sender(url);
    if (!sender.ok()) return sender.status();
    lanes.push_back(std::make_unique<Lane>(
        *std::move(sender), Lane::Options{options.batch_bytes, options.batch_count}));
  }
  return open_slot(std::make_unique<Destination>(std::move(lanes)), options);
}

absl::StatusOr<Client> Engine::open(std::unique_ptr<Sender> sender, const ClientOptions& options) {
  std::vector<std::unique_ptr<Lane>> lanes;
  lanes.push_back(std::make_unique<Lane>(std::move(sender),
                                         Lane::Options{options.batch_bytes, options.batch_count}));
  return open_slot(std::make_unique<Destination>(std::move(lanes)), options);
}

absl::StatusOr<Client> Engine::open_slot(std::unique_ptr<Destination> destination,
                                         const ClientOptions& options) {
  std::uint32_t slot = 0;
  {
    const std::lock_guard lock(state_->slots_mutex);
    std::uint32_t tried = 0;
    while (tried < kClientSlots && state_->is_taken[state_->next_slot % kClientSlots]) {
      ++state_->next_slot;
      ++tried;
    }
    if (tried == kClientSlots) {
      return absl::ResourceExhaustedError(
          absl::StrCat("a process has at most ", kClientSlots, " open clients; close one first"));
    }
    slot = state_->next_slot++ % kClientSlots;
    state_->is_taken[slot] = true;
  }
  state_->rings->reset_counts(slot);
  ClientPolicy& policy = g_client_policies[slot];
  // relaxed, both: the flusher's mutex below orders them before any call of the client
  policy.when_full.store(static_cast<std::uint8_t>(options.when_full), Order::kRelaxed);
  policy.grow_limit_bytes.store(options.grow_limit_bytes, Order::kRelaxed);
  if (state_->threads == Threads::kOwn) {
    for (std::size_t i = 0; i < destination->lane_count(); ++i) destination->lane(i).start();
  }
  state_->flusher->add_client(slot, {options.logger, options.severity}, std::move(destination));
  Client client(std::make_unique<ClientState>(ClientState{this, options, true, {}, {}}));
  client.gate_.slot = slot;
  client.set_min_severity(options.min_severity);
  return client;
}

bool Engine::step() { return state_->flusher->step(); }

std::string Engine::session() const {
  return state_->session == nullptr ? "" : state_->session->id_text();
}

std::string Engine::session_path() const {
  const bool lasts = state_->session != nullptr && state_->session->is_open();
  return lasts ? state_->session->path() : "";
}

std::uint64_t Engine::anonymous_rings() const { return state_->rings->anonymous_count(); }

Ledger Engine::stats(std::uint32_t slot) const {
  Ledger ledger = state_->flusher->ledger(slot);
  for (const CallerLoss where : {CallerLoss::kRingFull, CallerLoss::kTooBig}) {
    ledger.lost[reason_of(where)] += state_->rings->lost(where, slot);
  }
  ledger.emitted = state_->rings->emitted(slot);
  return ledger;
}

std::int64_t Engine::milliseconds(std::uint64_t elapsed_ticks) const {
  const std::uint64_t ns = state_->first_line.span_ns(elapsed_ticks);
  return static_cast<std::int64_t>((ns + 500'000) / 1'000'000);
}

bool Engine::flush(nanoseconds limit) {
  // The round under way may have passed the caller's ring already.
  return state_->wait_until_settled(state_->flusher->round() + 1, steady_clock::now() + limit);
}

Receipt Engine::close(std::uint32_t slot, nanoseconds limit, Ledger& last) {
  const steady_clock::time_point deadline = steady_clock::now() + limit;
  flush(limit);
  const std::unique_ptr<Destination> destination = state_->flusher->remove_client(slot);
  bool confirmed = true;
  for (std::size_t i = 0; i < destination->lane_count(); ++i) {
    const nanoseconds left = deadline - steady_clock::now();
    confirmed &= destination->lane(i).stop(std::max(left, nanoseconds(0)));
  }
  last = destination->ledger();
  last.emitted = state_->rings->emitted(slot);
  for (const CallerLoss where : {CallerLoss::kRingFull, CallerLoss::kTooBig}) {
    last.lost[reason_of(where)] += state_->rings->lost(where, slot);
  }
  // What is still in the rings will be skipped there.
  if (last.unexplained() > 0) {
    last.lost[LossReason::kExpired] += static_cast<std::uint64_t>(last.unexplained());
  }
  {
    const std::lock_guard lock(state_->slots_mutex);
    state_->is_taken[slot] = false;
  }
  return {last.sent, 0, last.lost.total(), confirmed};
}

}  // namespace metlog
