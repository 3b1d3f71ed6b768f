#include "metlog/internal/engine/client_move.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/engine/client_end.h"
#include "metlog/internal/engine/client_state.h"
#include "metlog/internal/engine/waiting.h"

namespace metlog {

using std::chrono::steady_clock;

absl::Status Engine::State::ClientMove::to(std::vector<Target> targets, const Publish& publish) {
  if (!take_slots(targets)) return no_free_slot();
  if (!claim_surplus()) {
    undo();
    return absl::FailedPreconditionError("reconfigure() was called while the process exits");
  }
  std::vector<Destination*> next;
  next.reserve(targets.size());
  for (const Target& target : targets) next.push_back(target.destination.get());
  prepare(targets);
  if (!Flusher::Clients(*state_.flusher).replace(changes_, with_grace(deadline_))) {
    undo();
    const std::string why = text_of(
        state_.flusher->blocker(), [this](std::uint32_t by) { return state_.slots.logger_of(by); });
    return absl::DeadlineExceededError(
        absl::StrCat("reconfigure() did not get the flusher within the client's close_limit: ", why,
                     "; the client is unchanged; try again when it has returned"));
  }
  publish(slots_);
  stop_previous(next);
  end();
  return absl::OkStatus();
}

/// Exchanges what the slots that stay hold, and takes the further ones.
bool Engine::State::ClientMove::take_slots(std::vector<Target>& targets) {
  const std::uint32_t first = slots_.front();
  const std::size_t kept = std::min(slots_.size(), targets.size());
  surplus_.assign(slots_.begin() + static_cast<std::ptrdiff_t>(kept), slots_.end());
  slots_.resize(kept);
  std::vector<OpenSlot> more;
  for (std::size_t i = kept; i < targets.size(); ++i) more.push_back(std::move(targets[i].open));
  if (!more.empty()) {
    const std::vector<std::uint32_t> taken = state_.slots.take_more(more, first);
    if (taken.empty()) return false;
    slots_.insert(slots_.end(), taken.begin(), taken.end());
  }
  targets.front().open.others.assign(slots_.begin() + 1, slots_.end());
  for (std::size_t i = 0; i < kept; ++i) {
    if (slots_.size() > 1) targets[i].open.first_slot = first;
    state_.slots.exchange(slots_[i], targets[i].open);
    before_.push_back(std::move(targets[i].open));
  }
  return true;
}

/// False when the process exits, which closes them.
bool Engine::State::ClientMove::claim_surplus() {
  for (std::size_t i = 0; i < surplus_.size(); ++i) {
    Closing is = Closing::kNot;
    // acq_rel: pairs with the exiting thread's exchange, when that closes it
    if (state_.closing[surplus_[i]].compare_exchange_strong(is, Closing::kBegun,
                                                            std::memory_order_acq_rel)) {
      continue;
    }
    surplus_.resize(i);  // for undo()
    return false;
  }
  return true;
}

void Engine::State::ClientMove::prepare(std::vector<Target>& targets) {
  ClientAccounts& accounts = state_.rings->accounts();
  told_before_.resize(before_.size());
  // The first one last: the session's reader looks for the others that it names.
  for (std::size_t i = slots_.size(); i-- > 0;) {
    Destination& next = *targets[i].destination;
    // Where two go to one place, the later messages must not arrive first.
    next.hold();
    if (i >= before_.size()) {
      state_.begin_slot(slots_[i], next);
      accounts.end(slots_[i]);  // until it gets messages: Destination::begin_beside()
      continue;
    }
    next.count_in(&accounts.of(slots_[i]));
    if (state_.session == nullptr) continue;
    const OpenSlot& open = state_.slots.at(slots_[i]);
    told_before_[i] = state_.session->append_client(describe(slots_[i], open, next));
  }
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    changes_.push_back({slots_[i], state_.prepare(slots_[i]), std::move(targets[i].destination)});
  }
  for (const std::uint32_t slot : surplus_) changes_.push_back({slot});
}

void Engine::State::ClientMove::undo() {
  for (std::size_t i = 0; i < before_.size(); ++i) {
    state_.slots.exchange(slots_[i], before_[i]);
    if (i < told_before_.size() && state_.session != nullptr) {
      state_.session->append_client(told_before_[i]);
    }
  }
  state_.publish_policies(slots_.front());
  for (std::size_t i = before_.size(); i < slots_.size(); ++i) state_.slots.give_back(slots_[i]);
  for (const std::uint32_t slot : surplus_) {
    state_.closing[slot].store(Closing::kNot, std::memory_order_release);  // pairs as above
  }
}

/// First those that have sent what they have, as another one may use up the time.
void Engine::State::ClientMove::stop_previous(const std::vector<Destination*>& next) const {
  std::vector<Destination*> left;
  for (const Flusher::Clients::Change& change : changes_) {
    if (change.previous != nullptr) left.push_back(change.previous);
  }
  std::vector<Destination*> held = next;
  const auto release = [&] {
    std::erase_if(held, [&](Destination* one) {
      const auto goes_there = [one](const Destination* old) { return one->goes_where(*old); };
      if (std::any_of(left.begin(), left.end(), goes_there)) return false;
      one->release();
      return true;
    });
  };
  const auto find_done = [&] {
    return std::find_if(left.begin(), left.end(),
                        [](const Destination* old) { return old->has_done(old->offered()); });
  };
  release();
  while (!left.empty()) {
    if (left.size() > 1 && state_.has_flusher()) {
      state_.wait_until([&] { return find_done() != left.end(); }, deadline_);
    }
    const auto done = find_done();
    const auto stopped = done != left.end() ? done : left.begin();
    (*stopped)->stop(deadline_);
    left.erase(stopped);
    release();
  }
}

void Engine::State::ClientMove::end() {
  Flusher::Clients clients(*state_.flusher);
  for (std::size_t i = 0; i < before_.size(); ++i) {
    if (changes_[i].previous == nullptr) continue;
    if (!clients.settle(slots_[i], with_grace(deadline_)).has_value()) {
      state_.unfinished.add(slots_[i], UnfinishedClients::What::kSettle);
    }
  }
  for (const std::uint32_t slot : surplus_) {
    outputs_.end_removed(slot);
    // release: pairs with the exit's acquire
    state_.closing[slot].store(Closing::kDone, std::memory_order_release);
    ClientEnd{state_, slot}.forget();
  }
}

}  // namespace metlog
