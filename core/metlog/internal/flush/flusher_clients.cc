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

bool Flusher::Clients::replace(std::uint32_t slot, ClientSetup& setup,
                               std::unique_ptr<Destination>& destination, TimePoint deadline,
                               Destination*& previous) {
  const FlusherLock lock(flusher_.mutex_, deadline);
  if (!lock.is_held()) return false;
  previous = flusher_.accept_arrival(slot);
  if (previous != nullptr) {
    flusher_.follow_clock();
    flusher_.drain(steady_ticks());
    flusher_.losses_.report_losses(slot, flusher_.time_);
    previous->offer_all();
  }
  flusher_.delivery_.install(slot, std::move(setup), std::move(destination));
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
