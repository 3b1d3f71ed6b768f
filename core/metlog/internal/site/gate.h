#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/base/ticks.h"
#include "metlog/severity.h"

namespace metlog {

/// How many clients may be open in a process at once.
inline constexpr std::size_t kClientSlots = 256;

/// A bit for every client, by slot.
struct ClientBits {
  PlainAtomic<std::uint64_t> words[kClientSlots / 64];

  [[nodiscard]] bool has(std::uint32_t slot) const {
    // relaxed: a switch; see SiteGate::admits()
    return (words[slot / 64].load(Order::kRelaxed) >> (slot % 64) & 1) != 0;
  }
  /// One thread at a time.
  void set(std::uint32_t slot, bool value) {
    const std::uint64_t bit = std::uint64_t{1} << (slot % 64);
    PlainAtomic<std::uint64_t>& word = words[slot / 64];
    // relaxed, both: whoever stores holds one mutex
    const std::uint64_t bits = word.load(Order::kRelaxed);
    word.store(value ? bits | bit : bits & ~bit, Order::kRelaxed);
  }
};

/// What a call site is for. It decides the envelope's `type` and which arguments it takes.
enum class SiteKind : std::uint8_t { kLog, kEvent, kCounter, kTimer };

/// The bits by which a call is let through: a site holds those that describe it, a client those
/// that it blocks; a call passes when they have none in common.
namespace gate {

/// Of a log call: its severity.
constexpr std::uint32_t of_severity(Severity severity) {
  return std::uint32_t{1} << static_cast<unsigned>(severity);
}
/// Of any other call.
constexpr std::uint32_t of_kind(SiteKind kind) {
  return std::uint32_t{1} << (8 + static_cast<unsigned>(kind));
}
/// Of a call of this kind that has the client's severity, not one of its own.
constexpr std::uint32_t of_default_severity(SiteKind kind) {
  return std::uint32_t{1} << (12 + static_cast<unsigned>(kind));
}
/// Of a site whose name is off for the client that has this number: the first kNumbers clients with
/// names switched off have one each, see SiteRegistry::set_switches().
inline constexpr unsigned kNumbers = 9;
constexpr std::uint32_t of_number(unsigned number) { return std::uint32_t{1} << (21 + number); }
inline constexpr std::uint32_t kAnyNumber = std::uint32_t{(1U << kNumbers) - 1} << 21;
/// Of a site of this kind whose name is known before it is called. Blocked by a client without a
/// number that has some names switched off: whether this one, NamedSiteGate::off_for tells.
constexpr std::uint32_t of_some_names(SiteKind kind) {
  return std::uint32_t{1} << (16 + static_cast<unsigned>(kind));
}
inline constexpr std::uint32_t kSomeNames = std::uint32_t{0xf} << 16;
/// Of a timer that takes the time itself, so not of timer_send(): blocked by `*`.
inline constexpr std::uint32_t kTimesItself = std::uint32_t{1} << 20;
/// A client's alone: it is closed.
inline constexpr std::uint32_t kClosed = std::uint32_t{1} << 30;
/// Of a site that is switched off; every client blocks it.
inline constexpr std::uint32_t kOff = std::uint32_t{1} << 31;
/// What a client blocks once it is closed: all severities, all kinds.
inline constexpr std::uint32_t kEverything = kOff | kClosed | 0xfff;

}  // namespace gate

/// The client's side of the gate, first member of Client. Stored by whoever configures the client,
/// loaded by every call.
struct ClientGate {
  PlainAtomic<std::uint32_t> blocked;
  std::uint32_t slot;                    // names the client in its records
  PlainAtomic<bool> stamped_by_flusher;  // its calls leave the clock alone

  /// The time stamp of a call from the straight path.
  [[nodiscard]] std::uint64_t stamp() const {
    return stamped_by_flusher.load(Order::kRelaxed) ? kNoStamp : ticks();  // relaxed: a switch
  }
  [[nodiscard]] bool is_closed() const {
    return (blocked.load(Order::kRelaxed) & gate::kClosed) != 0;  // relaxed: a switch
  }
};

/// The site's side. The id is 0 until the site is registered, which happens before main, or when
/// its library is loaded.
struct SiteGate {
  PlainAtomic<std::uint32_t> bits;
  PlainAtomic<std::uint32_t> id;

  /// Whether a call from this site to that client is to be emitted.
  [[nodiscard]] bool admits(const ClientGate& client) const {
    // relaxed, both: switches; a call that just misses one was concurrent with it
    return (bits.load(Order::kRelaxed) & client.blocked.load(Order::kRelaxed)) == 0;
  }
  /// The same to something before a client that has a word in it, and is asked last.
  template <class Before>
  [[nodiscard]] bool admits(const Before& before) const {
    return admits(before.client()) && before.passes();
  }
};

/// The same of a site that clients may switch off by its name: an event's type, a timer's name.
/// Only calls to a client that has switched off some names and found no number left look further.
struct NamedSiteGate : SiteGate {
  ClientBits off_for;

  [[nodiscard]] bool admits(const ClientGate& client) const {
    // relaxed, both: as above
    const std::uint32_t common = bits.load(Order::kRelaxed) & client.blocked.load(Order::kRelaxed);
    if ((common & ~gate::kSomeNames) != 0) return false;
    return common == 0 || !off_for.has(client.slot);
  }
  template <class Before>
  [[nodiscard]] bool admits(const Before& before) const {
    return admits(before.client()) && before.passes();
  }
};

}  // namespace metlog
