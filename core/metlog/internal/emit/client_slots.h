#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/site/gate.h"

namespace metlog {

/// What a call does when its thread's ring is full.
enum class WhenFull : std::uint8_t {
  kDrop,   // the new record is dropped and counted; the caller never waits (default)
  kBlock,  // the caller waits until there is room
  kGrow,   // the thread goes on in a ring of twice the size, up to a byte bound; then it drops
};

/// What the cold path must know of a client. Stored when the client is opened or configured.
struct ClientPolicy {
  PlainAtomic<std::uint8_t> when_full;          // a WhenFull
  PlainAtomic<std::uint64_t> grow_limit_bytes;  // of all rings of one thread together
  PlainAtomic<std::uint32_t> generation;        // how many clients have had this slot
};

/// The policies of all clients, by slot.
extern ClientPolicy g_client_policies[kClientSlots];

/// Which of the slot's clients is its present one.
inline std::uint32_t generation_of(std::uint32_t client) {
  // relaxed: stored before any call of that client
  return g_client_policies[client].generation.load(Order::kRelaxed);
}

}  // namespace metlog
