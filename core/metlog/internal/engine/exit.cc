#include "metlog/internal/engine/exit.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/emit/flusher_wakeup.h"
#include "metlog/internal/engine/client_end.h"
#include "metlog/internal/engine/engine_state.h"
#include "metlog/internal/engine/startup_recovery.h"
#include "metlog/internal/engine/waiting.h"

namespace metlog {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

namespace {

/// What the second step grants a client whose limit the first one has used up.
constexpr std::chrono::milliseconds kSecondChance{50};

std::string text_of(const LossCounts& lost) {
  std::string text;
  for (std::size_t i = 0; i < kLossReasonCount; ++i) {
    if (lost.by_reason[i] == 0) continue;
    if (!text.empty()) text += ", ";
    text.append(name_of(static_cast<LossReason>(i))).append(" ");
    text += std::to_string(lost.by_reason[i]);
  }
  return text;
}

LossCounts difference(const LossCounts& all, const LossCounts& before) {
  LossCounts more;
  for (std::size_t i = 0; i < kLossReasonCount; ++i) {
    more.by_reason[i] = all.by_reason[i] - std::min(all.by_reason[i], before.by_reason[i]);
  }
  return more;
}

LossCounts larger(const LossCounts& one, const LossCounts& other) {
  LossCounts result;
  for (std::size_t i = 0; i < kLossReasonCount; ++i) {
    result.by_reason[i] = std::max(one.by_reason[i], other.by_reason[i]);
  }
  return result;
}

}  // namespace

void ProcessExit::say_losses(Engine& engine, std::uint32_t slot, const char* when,
                             const LossCounts& before, const Ledger& last) {
  Engine::State& state = *engine.state();
  const Destination* const account = state.flusher->final_account(slot);
  if (account == nullptr) return;  // the process ends while open() makes the client
  const Sender& sender = account->queue(0).sender();
  if (sender.shows_losses()) return;
  const LossCounts reported = state.flusher->with_account(slot, [](const Destination* destination) {
    return destination != nullptr ? destination->reported() : LossCounts{};
  });
  const LossCounts said = larger(difference(last.lost, reported), difference(last.lost, before));
  if (said.total() == 0) return;
  const std::string url(sender.url());
  diagnose(
      "%s the client '%s' of %s lost %llu of its %llu messages: %s; see whether it takes messages, "
      "or give it more time by ClientOptions::close_limit",
      when, state.slots.logger_of(slot).c_str(), url.c_str(),
      static_cast<unsigned long long>(said.total()), static_cast<unsigned long long>(last.emitted),
      text_of(said).c_str());
}

void ProcessExit::leave_behind(Engine& engine, std::uint32_t slot) {
  // release: pairs with the acquire in close_left_behind()
  engine.state()->left_behind[slot].store(true, std::memory_order_release);
}

void ProcessExit::close_left_behind(Engine& engine) {
  if (!check_can_close("").ok()) return;
  for (std::uint32_t slot = 0; slot < kClientSlots; ++slot) {
    std::atomic<bool>& left_behind = engine.state()->left_behind[slot];
    // relaxed: exchange() decides. acquire: pairs with the release in leave_behind()
    if (!left_behind.load(std::memory_order_relaxed)) continue;
    if (!left_behind.exchange(false, std::memory_order_acquire)) continue;
    const LossCounts before = engine.stats(slot).lost;
    Ledger last;
    engine.close(slot, engine.state()->slots.open().limits[slot], last);
    say_losses(engine, slot, "destroyed inside a filter or sender,", before, last);
    engine.forget(slot);
  }
}

void ProcessExit::register_handlers() {
  [[maybe_unused]] static const int kRegistered[] = {std::atexit(&ProcessExit::flush),
                                                     std::at_quick_exit(&ProcessExit::end_quickly)};
}

void ProcessExit::flush() {
  Engine* const engine = Engine::current();
  // Inside a filter nothing can be waited for; the second step can do without the filter.
  if (engine == nullptr || FlusherThread::is_here()) return;
  Engine::State& state = *engine->state();
  const steady_clock::time_point begin = steady_clock::now();
  const SlotTable::Open open = state.slots.open();
  for (std::uint32_t slot = 0; slot < kClientSlots; ++slot) {
    if (!open.is_open[slot] || state.is_sending_here(slot)) continue;
    const std::uint64_t calls = state.rings->emitted(slot);
    const steady_clock::time_point deadline = begin + open.limits[slot];
    if (open.is_made_by_url[slot]) {
      state.wait_until_settled(slot, deadline);
    } else if (state.wait_until_handed_over(slot, deadline) != Handover::kNone) {
      state.settled_at_exit[slot] = calls;
    }
  }
  state.exit_flush_took = steady_clock::now() - begin;
}

ProcessExit::ProcessExit(Engine& engine) : engine_(engine), last_deadline_(steady_clock::now()) {}

void ProcessExit::claim_slots() {
  Engine::State& state = *engine_.state();
  const steady_clock::time_point begin = steady_clock::now();
  const SlotTable::Open open = state.slots.open();
  for (std::uint32_t slot = 0; slot < kClientSlots; ++slot) {
    if (!open.is_open[slot]) continue;
    const nanoseconds least = std::min<nanoseconds>(open.limits[slot], kSecondChance);
    deadlines_[slot] = begin + std::max(open.limits[slot] - state.exit_flush_took, least);
    last_deadline_ = std::max(last_deadline_, deadlines_[slot]);
    // acq_rel: pairs with the other exchange, in Engine::close()
    const auto before =
        state.closing[slot].exchange(Engine::State::Closing::kBegun, std::memory_order_acq_rel);
    is_ours_[slot] = before == Engine::State::Closing::kNot;
    is_others_[slot] = before == Engine::State::Closing::kBegun;
  }
}

// Another thread may be inside close(), for which it needs the flusher.
void ProcessExit::wait_until_alone() {
  engine_.state()->wait_until(
      [this] {
        for (std::uint32_t slot = 0; slot < kClientSlots; ++slot) {
          // acquire: pairs with the release in Engine::close()
          if (is_others_[slot] && engine_.state()->closing[slot].load(std::memory_order_acquire) ==
                                      Engine::State::Closing::kBegun) {
            return false;
          }
        }
        return true;
      },
      last_deadline_);
}

void ProcessExit::close_all() {
  Engine::State& state = *engine_.state();
  engine_.recovery_->ask_to_stop();
  claim_slots();
  if (!FlusherThread::is_here()) wait_until_alone();
  const bool can_close = state.flusher->take_over(last_deadline_);
  // A sender's thread that waits for room in its ring would never end: nobody drains while it is
  // joined.
  for (std::uint32_t slot = 0; slot < kClientSlots; ++slot) {
    if (is_ours_[slot]) state.end_waiting(slot);
  }
  for (std::uint32_t slot = 0; slot < kClientSlots; ++slot) {
    if (is_ours_[slot]) close_slot(slot, can_close);
  }
  // release: pairs with the acquires of Engine's stats(), close() and forget()
  state.has_exited.store(true, std::memory_order_release);
  state.stop_at_exit();
  engine_.recovery_->stop();
  if (state.session != nullptr) state.session->remove_files();
}

void ProcessExit::close_slot(std::uint32_t slot, bool can_close) {
  Engine::State& state = *engine_.state();
  Ledger& last = state.exit_ledgers[slot];
  last = state.complete(state.flusher->ledger(slot), slot);
  const bool is_settled = last.emitted != 0 && last.emitted == state.settled_at_exit[slot];
  if (can_close && !is_settled) {
    Engine::State::ClientEnd{state, slot}.close(deadlines_[slot] - steady_clock::now(), last);
    // Of a destination before the last one, which another thread was closing.
    last.lost[LossReason::kExpired] += std::exchange(last.pending, 0);
  } else if (last.unexplained() > 0 || last.pending > 0) {
    // Its flusher is stuck in a filter, or exit() was called inside an allocation of it.
    state.end_waiting(slot);
    last.lost[LossReason::kExpired] +=
        static_cast<std::uint64_t>(last.unexplained()) + last.pending;
    last.pending = 0;
  }
  // All losses of its life: there is no receipt that somebody could read.
  say_losses(engine_, slot, "at exit", {}, last);
}

void ProcessExit::close() {
  if (Engine* const engine = Engine::current()) ProcessExit(*engine).close_all();
}

void ProcessExit::end_quickly() {
  flush();
  close();
}

namespace {

/// Runs last: later than exit handlers, static objects' destructors, and other functions like this
/// one, in this library or program.
[[gnu::destructor(101)]] void close_all_at_exit() { ProcessExit::close(); }

}  // namespace

}  // namespace metlog
