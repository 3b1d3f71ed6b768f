#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "metlog/internal/flush/flusher.h"

namespace metlog {

/// The changes of clients that need the flusher's mutex, which none of them waits for without a
/// deadline. What could not be done in time, the flusher's thread does later: settle(), discard().
/// Thread-safe; a client's changes are made by one thread at a time.
class Flusher::Clients {
 public:
  explicit Clients(Flusher& flusher) : flusher_(flusher) {}

  /// Reports all losses so far of a client whose gate is closed in its stream, and returns what
  /// its queues have been offered then; nothing when the deadline comes first. Loss marks of it
  /// that are still in the rings are skipped.
  Destination::Offered report_last_losses(std::uint32_t slot, TimePoint deadline);
  /// Reports the account of such a client, if it wants that, once what its queues were offered is
  /// sent or lost; returns the same.
  Destination::Offered report_last_account(std::uint32_t slot, TimePoint deadline);
  /// Removes a client whose gate is closed: reports losses since, and offers what is left. Records
  /// of it that are still in the rings are skipped from now on. Returns its destination, which
  /// keeps the account until discard(); null when the client was never added. False when the
  /// deadline comes first.
  bool remove(std::uint32_t slot, TimePoint deadline, Destination*& removed);
  /// For a client that could not be removed in time. Starts none of its callbacks any more. Returns
  /// its destination, to be cut off, which stays until discard(); null when there is none.
  Destination* abandon(std::uint32_t slot);
  /// True from abandon() to discard().
  [[nodiscard]] bool is_abandoned(std::uint32_t slot) const {
    return flusher_.delivery_.has_ended_callbacks(slot);
  }
  /// What is left of a client. Destroyed without the mutex: destructors of the program run.
  struct Remains {
    Delivery::UserCallbacks callbacks = {};
    std::unique_ptr<Destination> destination = nullptr;
  };
  /// Frees the slot of a client that was removed or abandoned, once its senders have returned;
  /// nothing when one has not, or when the deadline comes first.
  std::optional<Remains> discard(std::uint32_t slot, TimePoint deadline);

  /// What changes in one slot of a client.
  struct Change {
    std::uint32_t slot = 0;
    ClientSetup setup = {};
    std::unique_ptr<Destination> destination = nullptr;  // null to remove what is there
    Destination* previous = nullptr;                     // what was there, if anything
    Delivery::UserCallbacks callbacks = {};              // of what is removed
  };
  /// Gives a client other setups and destinations, the first of which is in the slot that its
  /// records name: what is visible in the rings goes to the previous ones, everything later to the
  /// new ones. One in a slot that had one continues its account, and settle() is to be called once
  /// the previous one has stopped; one in a free slot begins its own; one that is removed keeps it
  /// until discard(). False, and takes nothing, when the deadline comes first.
  bool replace(std::vector<Change>& changes, TimePoint deadline);
  /// Ends that, and returns the previous destination, to be destroyed without the mutex. Nothing
  /// when a sender of it has not returned, or when the deadline comes first.
  std::optional<Remains> settle(std::uint32_t slot, TimePoint deadline);

 private:
  /// Offers what a destination has until now, and reports its losses, before it is changed.
  void end_stream(const Change& change);

  Flusher& flusher_;
};

}  // namespace metlog
