#include "metlog/internal/engine/client_end.h"

#include <string>
#include <utility>

#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/engine/waiting.h"
#include "metlog/internal/flush/flusher_clients.h"

namespace metlog {
namespace {

using std::chrono::steady_clock;

void say_abandoned(const std::string& logger, const std::string& why) {
  static constinit DiagnosticLimit limit;
  diagnose_seldom(limit,
                  "the client '%s' was closed without the flusher, which did not come to it within "
                  "the limit: %s; what it had not sent is lost, and counted",
                  logger.c_str(), why.c_str());
}

}  // namespace

Receipt Engine::State::ClientEnd::close(std::chrono::nanoseconds limit, Ledger& last) const {
  Flusher::Clients clients(*state.flusher);
  const steady_clock::time_point deadline = steady_clock::now() + limit;
  state.wait_until_settled(slot, deadline);
  state.end_waiting(slot);
  const steady_clock::time_point lock_until = with_grace(deadline);
  state.report_last_losses(slot, deadline);
  Handover handover = Handover::kNone;
  // Null when the process ends while open() makes the client.
  Destination* destination = nullptr;
  if (clients.remove(slot, lock_until, destination)) {
    if (destination != nullptr) {
      const MutexLoan loan(state.flusher->lendable());
      destination->stop(deadline);
      handover = destination->final_handover();
    }
  } else {
    say_abandoned(state.slots.logger_of(slot),
                  text_of(state.flusher->blocker(),
                          [this](std::uint32_t by) { return state.slots.logger_of(by); }));
    destination = clients.abandon(slot);
    if (destination != nullptr) destination->cut_off(deadline);
  }
  last = state.complete(state.flusher->ledger(slot), slot);
  // Nothing is sent any more. The flusher will skip what is still in the rings; a sender that has
  // not returned may hold a batch.
  std::uint64_t& expired = last.lost[LossReason::kExpired];
  expired += std::exchange(last.pending, 0);
  if (last.unexplained() > 0) expired += static_cast<std::uint64_t>(last.unexplained());
  state.rings->accounts().end(slot);  // this receipt has the account
  return Receipt{last.sent, 0, last.lost.total(), handover == Handover::kPeer, handover};
}

void Engine::State::ClientEnd::forget() const {
  Flusher::Clients clients(*state.flusher);
  // One that was abandoned has waited already.
  const steady_clock::time_point now = steady_clock::now();
  const bool is_removed = !clients.is_abandoned(slot);
  if (clients.discard(slot, is_removed ? with_grace(now) : now).has_value()) {
    state.slots.give_back(slot);
  } else {
    state.unfinished.add(slot, UnfinishedClients::What::kDiscard);
  }
}

}  // namespace metlog
