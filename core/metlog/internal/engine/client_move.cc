#include "metlog/internal/engine/client_move.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/engine/waiting.h"
#include "metlog/internal/flush/flusher_clients.h"

namespace metlog {

using std::chrono::steady_clock;

absl::Status Engine::State::ClientMove::to(OpenSlot open, std::unique_ptr<Destination> destination,
                                           std::chrono::nanoseconds limit,
                                           const std::function<void()>& publish) const {
  const steady_clock::time_point deadline = steady_clock::now() + limit;
  state.slots.exchange(slot, open);
  // Where both go to one place, the later messages must not arrive first.
  Destination& next = *destination;
  next.hold();
  next.count_in(&state.rings->accounts().of(slot));
  ClientSetup setup = state.prepare(slot);
  SessionClient before;
  if (state.session != nullptr) {
    before = state.session->append_client(describe(slot, state.slots.at(slot), next));
  }
  Flusher::Clients clients(*state.flusher);
  Destination* previous = nullptr;
  if (!clients.replace(slot, setup, destination, with_grace(deadline), previous)) {
    state.slots.exchange(slot, open);
    state.publish_policies(slot);
    if (state.session != nullptr) state.session->append_client(before);
    const std::string why = text_of(state.flusher->blocker(),
                                    [this](std::uint32_t by) { return state.slots.logger_of(by); });
    return absl::DeadlineExceededError(
        absl::StrCat("reconfigure() did not get the flusher within the client's close_limit: ", why,
                     "; the client is unchanged; try again when it has returned"));
  }
  publish();
  if (previous == nullptr || !next.goes_where(*previous)) next.release();
  if (previous == nullptr) return absl::OkStatus();
  previous->stop(deadline);
  if (!clients.settle(slot, with_grace(deadline)).has_value()) {
    state.unfinished.add(slot, UnfinishedClients::What::kSettle);
  }
  next.release();
  return absl::OkStatus();
}

}  // namespace metlog
