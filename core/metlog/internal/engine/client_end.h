#pragma once

#include <chrono>
#include <cstdint>

#include "metlog/internal/engine/engine_state.h"

namespace metlog {

/// The end of the client in a slot, whose gate is closed. Neither function waits for long after its
/// limit, whatever of the program's runs meanwhile: what is left then, the flusher's thread does.
struct Engine::State::ClientEnd {
  State& state;
  const std::uint32_t slot;

  /// Sends what can be sent within `limit`, and stores the account, which is final: nothing that it
  /// calls lost is sent later, but for a batch in the hands of a sender that has not returned. A
  /// filter or formatter of the client that has not returned goes on, and is never started again.
  /// 50 ms more for the flusher's round to end, and SendQueue::kSenderGrace for the sender.
  Receipt close(std::chrono::nanoseconds limit, Ledger& last) const;
  /// Frees the slot, now or later. After close(), once the client answers stats() itself.
  void forget() const;
};

}  // namespace metlog
