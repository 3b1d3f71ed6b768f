#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace metlog {

/// The reason why an emitted message did not reach its destination. Every loss has one.
enum class LossReason : std::uint8_t {
  kRingFull,         // the thread's ring had no room, and the client's policy is to drop
  kTooBig,           // the record is longer than a ring allows, or the message than a batch
  kNoReceiver,       // there was no subscriber for longer than the sender's hold time
  kTooLong,          // the transport's limit for one message (a datagram's size, say)
  kRefused,          // the destination answered with an error
  kExpired,          // the deadline of close() came first
  kForked,           // emitted in a forked child that has no threads, or no destination, yet
  kQueueFull,        // the destination was so slow that other clients would have had to wait for it
  kFilterFailed,     // a user's filter threw
  kFormatterFailed,  // a user's formatter threw, or statsd has no form of the value
  kNoRing,           // the thread got no ring: EngineOptions::max_ring_bytes, or no memory
  kDamaged,          // something wrote over the thread's ring
};
inline constexpr std::size_t kLossReasonCount = 12;

/// Returns the name in metlog.loss messages and in the ledger: "ring_full", "too_big", ...
constexpr std::string_view name_of(LossReason reason) {
  constexpr std::array<std::string_view, kLossReasonCount> kNames = {
      "ring_full", "too_big",    "no_receiver",   "too_long",         "refused", "expired",
      "forked",    "queue_full", "filter_failed", "formatter_failed", "no_ring", "damaged"};
  return kNames[static_cast<std::size_t>(reason)];
}

/// One count for each reason.
struct LossCounts {
  std::array<std::uint64_t, kLossReasonCount> by_reason{};

  std::uint64_t& operator[](LossReason reason) {
    return by_reason[static_cast<std::size_t>(reason)];
  }
  std::uint64_t operator[](LossReason reason) const {
    return by_reason[static_cast<std::size_t>(reason)];
  }
  [[nodiscard]] std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : by_reason) sum += count;
    return sum;
  }
  LossCounts& operator+=(const LossCounts& more) {
    for (std::size_t i = 0; i < kLossReasonCount; ++i) by_reason[i] += more.by_reason[i];
    return *this;
  }
};

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
