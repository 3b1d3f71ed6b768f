#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "metlog/internal/engine/client_outputs.h"
#include "metlog/internal/engine/engine_state.h"
#include "metlog/internal/engine/target.h"
#include "metlog/internal/flush/flusher_clients.h"

namespace metlog {

/// The move of an open client to other destinations and options. The first destination takes the
/// slot of the first, the second that of the second, and so on, and continues its account:
///
///     1 -> 3   slot 5: file:a -> file:b            2 new slots, with accounts of their own
///     3 -> 1   slot 5: file:b -> udp:              2 slots are removed
class Engine::State::ClientMove {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  /// Stores the slots, and what the calls read.
  using Publish = std::function<void(const std::vector<std::uint32_t>& slots)>;

  ClientMove(State& state, ClientOutputs& outputs, TimePoint deadline)
      : state_(state), outputs_(outputs), deadline_(deadline), slots_(outputs.slots()) {}

  /// The old destinations are stopped until the deadline; a new one of the same URL sends nothing
  /// before that. kDeadlineExceeded when the flusher's round takes longer, kResourceExhausted when
  /// there is no slot for one, kFailedPrecondition when the process exits: nothing is changed then.
  /// What the old destinations have not ended at the deadline, the flusher's thread ends later.
  absl::Status to(std::vector<Target> targets, const Publish& publish);

 private:
  using Changes = std::vector<Flusher::Clients::Change>;

  bool take_slots(std::vector<Target>& targets);
  bool claim_surplus();
  void prepare(std::vector<Target>& targets);
  void undo();
  void stop_previous(const std::vector<Destination*>& next) const;
  void end();

  State& state_;
  ClientOutputs& outputs_;
  const TimePoint deadline_;
  std::vector<std::uint32_t> slots_;        // of the old destinations, then of the new ones
  std::vector<std::uint32_t> surplus_;      // old ones that are removed
  std::vector<OpenSlot> before_;            // of the slots that stay
  std::vector<SessionClient> told_before_;  // to the session, of the same
  Changes changes_;                         // of slots_, then of surplus_
};

}  // namespace metlog
