#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "metlog/internal/flush/flusher.h"

namespace metlog {

/// What the flusher's thread has to finish of clients, because something of the program's ran for
/// longer than the limit of the call that began it. One state for each slot:
///
///     kNothing --add(kSettle)--> kSettle --add(kDiscard)--> kDiscard
///     each of the two --finish(), when nothing of the client runs any more--> kNothing
///
/// 1. add() comes after all that its caller does with the client: a release. finish() begins with
///    an acquire.
/// 2. finish() leaves a state that add() has changed meanwhile, and comes to it in the next round.
class UnfinishedClients {
 public:
  enum class What : std::uint8_t {
    kNothing,
    kSettle,   // a previous destination
    kDiscard,  // a closed client, and its slot
  };

  /// Leaves it to finish(). Any thread, which does not touch the client any more after kDiscard.
  void add(std::uint32_t slot, What what);
  /// Finishes what can be finished by now, and calls `give_back` with slots that are free then.
  /// Between two rounds, on the thread that does them.
  void finish(Flusher& flusher, const std::function<void(std::uint32_t)>& give_back);

 private:
  std::array<std::atomic<What>, kClientSlots> slots_{};
  std::atomic<std::uint32_t> count_{0};  // of slots that are not kNothing
};

/// Says whose filter or formatter, or what else, the flusher is inside of, and for how long.
/// `logger_of` returns the logger of the client in a slot.
std::string text_of(const Flusher::Blocker& blocker,
                    const std::function<std::string(std::uint32_t)>& logger_of);

}  // namespace metlog
