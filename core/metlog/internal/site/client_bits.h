#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/internal/base/plain_atomic.h"

namespace metlog {

/// How many clients may be open in a process at once.
inline constexpr std::size_t kClientSlots = 256;

/// A bit for every client, by slot.
struct ClientBits {
  Word<std::uint64_t> words[kClientSlots / 64];

  [[nodiscard]] bool has(std::uint32_t slot) const {
    // relaxed: a switch; see SiteGate::admits()
    return (words[slot / 64].load(Order::kRelaxed) >> (slot % 64) & 1) != 0;
  }
  /// One thread at a time.
  void set(std::uint32_t slot, bool value) {
    const std::uint64_t bit = std::uint64_t{1} << (slot % 64);
    Word<std::uint64_t>& word = words[slot / 64];
    // relaxed, both: whoever stores holds one mutex
    const std::uint64_t bits = word.load(Order::kRelaxed);
    word.store(value ? bits | bit : bits & ~bit, Order::kRelaxed);
  }
};

}  // namespace metlog
