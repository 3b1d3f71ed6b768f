#include "metlog/internal/flush/flusher_clients.h"

#include <utility>

#include "metlog/internal/base/ticks.h"

namespace metlog {

Destination::Offered Flusher::Clients::report_last_losses(std::uint32_t slot, TimePoint deadline) {
  const FlusherLock lock(flusher_.mutex_, deadline);
  if (!lock.is_held()) return {};
  Destination* const destination = flusher_.accept_arrival(slot);
  if (destination == nullptr) return {};
  if (flusher_.damage_.was_found() && flusher_.drain(steady_ticks()).is_settled) {
    flusher_.losses_.count_damaged(slot);
  }
  flusher_.losses_.report_last_losses(slot, flusher_.time_);
  flusher_.stats_.end_intervals(slot);
  destination->offer_all();
  return destination->offered();
}

Destination::Offered Flusher::Clients::report_last_account(std::uint32_t slot, TimePoint deadline) {
  const FlusherLock lock(flusher_.mutex_, deadline);
  if (!lock.is_held()) return {};
  Destination* const destination = flusher_.accept_arrival(slot);
  if (destination == nullptr) return {};
  flusher_.stats_.report_last(slot, flusher_.time_);
  destination->offer_all();
  return destination->offered();
}

bool Flusher::Clients::remove(std::uint32_t slot, TimePoint deadline, Destination*& removed) {
  Delivery::UserCallbacks callbacks;  // destroyed without the lock
  const FlusherLock lock(flusher_.mutex_, deadline);
  if (!lock.is_held()) return false;
  removed = flusher_.accept_arrival(slot);
  if (removed == nullptr) return true;
  flusher_.losses_.report_losses(slot, flusher_.time_);
  removed->offer_all();
  callbacks = flusher_.delivery_.remove(slot);
  return true;
}

Destination* Flusher::Clients::abandon(std::uint32_t slot) {
  flusher_.delivery_.end_callbacks(slot);
  // Only this thread, which closes it, ever lets it be destroyed.
  return const_cast<Destination*>(
      flusher_.with_account(slot, [](const Destination* account) { return account; }));
}

std::optional<Flusher::Clients::Remains> Flusher::Clients::discard(std::uint32_t slot,
                                                                   TimePoint deadline) {
  const auto has_ended = [](const Destination* account) {
    return account == nullptr || account->has_ended();
  };
  if (!flusher_.with_account(slot, has_ended)) return std::nullopt;
  const FlusherLock lock(flusher_.mutex_, deadline);
  if (!lock.is_held()) return std::nullopt;
  Remains remains;
  if (flusher_.accept_arrival(slot) != nullptr) remains.callbacks = flusher_.delivery_.remove(slot);
  remains.destination = flusher_.delivery_.forget(slot);
  return remains;
}

void Flusher::Clients::end_stream(const Change& change) {
  if (change.destination != nullptr) {
    flusher_.losses_.report_losses(change.slot, flusher_.time_);
  } else {
    flusher_.losses_.report_last_losses(change.slot, flusher_.time_);
    flusher_.stats_.report_removal(change.slot, flusher_.time_);
  }
  change.previous->offer_all();
}

bool Flusher::Clients::replace(std::vector<Change>& changes, TimePoint deadline) {
  const FlusherLock lock(flusher_.mutex_, deadline);
  if (!lock.is_held()) return false;
  Delivery& delivery = flusher_.delivery_;
  const std::uint32_t first = changes.front().slot;
  if (flusher_.accept_arrival(first) != nullptr) {
    flusher_.follow_clock();
    flusher_.drain(steady_ticks());
  }
  for (Change& change : changes) {
    change.previous = delivery.destination(change.slot);
    if (change.previous != nullptr) end_stream(change);
  }
  const std::vector<std::uint32_t> others = std::move(changes.front().setup.others);
  for (Change& change : changes) {
    if (change.destination != nullptr) {
      delivery.install(change.slot, std::move(change.setup), std::move(change.destination));
    } else if (change.previous != nullptr) {
      // What another process reads after our death has no account of it from now on.
      flusher_.rings_.accounts().end(change.slot);
      change.callbacks = delivery.remove(change.slot);
    }
  }
  delivery.groups().regroup(first, others);
  return true;
}

std::optional<Flusher::Clients::Remains> Flusher::Clients::settle(std::uint32_t slot,
                                                                  TimePoint deadline) {
  const auto has_ended = [](const Destination* account) {
    return account == nullptr || account->previous() == nullptr || account->previous()->has_ended();
  };
  if (!flusher_.with_account(slot, has_ended)) return std::nullopt;
  const FlusherLock lock(flusher_.mutex_, deadline);
  if (!lock.is_held()) return std::nullopt;
  Destination* const destination = flusher_.delivery_.destination(slot);
  // The exit has closed the client meanwhile.
  if (destination == nullptr || destination->previous() == nullptr) return Remains{};
  // Another replace() came between: the previous destination is not the one that was asked.
  if (!destination->previous()->has_ended()) return std::nullopt;
  return Remains{{}, flusher_.delivery_.settle(slot)};
}

}  // namespace metlog
