#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/base/ticks.h"
#include "metlog/severity.h"

namespace metlog {

/// Maximum number of clients that are open in a process at once.
inline constexpr std::size_t kClientSlots = 256;

/// One bit for each client, by slot.
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
    // relaxed, both: threads that store hold one mutex
    const std::uint64_t bits = word.load(Order::kRelaxed);
    word.store(value ? bits | bit : bits & ~bit, Order::kRelaxed);
  }
};

/// The kind of a call site. Decides the `type` of the envelope and which arguments a call takes.
enum class SiteKind : std::uint8_t { kLog, kEvent, kCounter, kTimer };

/// The bits that decide whether a call passes: a site has those that describe it, a client those
/// that it blocks; a call passes when they have none in common.
namespace gate {

/// The bit of a log call of this severity: 0 to 8.
constexpr std::uint32_t of_severity(Severity severity) {
  return std::uint32_t{1} << static_cast<unsigned>(severity);
}
/// The bit of any other call: 9 to 11.
constexpr std::uint32_t of_kind(SiteKind kind) {
  return std::uint32_t{1} << (8 + static_cast<unsigned>(kind));
}
/// The bit of a call of this kind that names no severity and so has the client's.
constexpr std::uint32_t of_default_severity(SiteKind kind) {
  return std::uint32_t{1} << (12 + static_cast<unsigned>(kind));
}
/// The bit of a site whose name is disabled for the client with this number. The first kNumbers
/// clients that disable names get one number each, see SiteRegistry::set_switches().
inline constexpr unsigned kNumbers = 9;
constexpr std::uint32_t of_number(unsigned number) { return std::uint32_t{1} << (21 + number); }
inline constexpr std::uint32_t kAnyNumber = std::uint32_t{(1U << kNumbers) - 1} << 21;
/// The bit of a named site of this kind. A client without a number blocks it when it has disabled
/// any name; NamedSiteGate::off_for then decides.
constexpr std::uint32_t of_some_names(SiteKind kind) {
  return std::uint32_t{1} << (16 + static_cast<unsigned>(kind));
}
inline constexpr std::uint32_t kSomeNames = std::uint32_t{0xf} << 16;
/// The bit of a timer that takes the time itself, so not of timer_send(). Blocked by `*`.
inline constexpr std::uint32_t kTimesItself = std::uint32_t{1} << 20;
/// The bit of a closed client; no site has it.
inline constexpr std::uint32_t kClosed = std::uint32_t{1} << 30;
/// The bit of a disabled site; every client blocks it.
inline constexpr std::uint32_t kOff = std::uint32_t{1} << 31;
/// The bits that a closed client blocks: all severities and all kinds.
inline constexpr std::uint32_t kEverything = kOff | kClosed | 0xfff;

}  // namespace gate

/// The client's side of the gate, the first member of Client. The thread that configures the client
/// stores it; every call loads it.
struct ClientGate {
  PlainAtomic<std::uint32_t> blocked;
  std::uint32_t slot;                    // names the client in its records
  PlainAtomic<bool> stamped_by_flusher;  // its calls do not read the clock

  /// Returns the time stamp of a call on the hot path.
  [[nodiscard]] std::uint64_t stamp() const {
    return stamped_by_flusher.load(Order::kRelaxed) ? kNoStamp : ticks();  // relaxed: a switch
  }
  [[nodiscard]] bool is_closed() const {
    return (blocked.load(Order::kRelaxed) & gate::kClosed) != 0;  // relaxed: a switch
  }
};

/// The site's side of the gate. The id is 0 until the site is registered, before main() or when its
/// library is loaded.
struct SiteGate {
  PlainAtomic<std::uint32_t> bits;
  PlainAtomic<std::uint32_t> id;

  /// True when a call from this site to that client is to be emitted.
  [[nodiscard]] bool admits(const ClientGate& client) const {
    // relaxed, both: switches; a call that misses a change was concurrent with it
    return (bits.load(Order::kRelaxed) & client.blocked.load(Order::kRelaxed)) == 0;
  }
  /// Like above, for an object in the place of the client that decides after it, as a Limited does.
  template <class Before>
  [[nodiscard]] bool admits(const Before& before) const {
    return admits(before.client()) && before.passes();
  }
};

/// The gate of a site that clients may disable by name: by the type of an event, the name of a
/// timer. Only calls to a client that has disabled some names and has no number look at off_for.
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
