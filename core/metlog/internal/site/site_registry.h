#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "metlog/internal/site/format_text.h"
#include "metlog/internal/site/site.h"

namespace metlog {

/// Ids below this are reserved for control records, see internal/ring/control_record.h.
inline constexpr std::uint32_t kFirstSiteId = 16;

/// An argument as a registered site keeps it.
struct RegisteredArg {
  ArgRole role;
  std::uint8_t key_bytes;
  std::string type;
};

/// A call site with everything copied, so that it outlives the library it came from. Immutable.
struct RegisteredSite {
  std::uint32_t id;
  SiteKind kind;
  Severity severity;
  std::string text;
  std::vector<FormatSegment> segments;  // of a log call's format
  std::vector<RegisteredArg> args;
  std::size_t fixed_bytes;  // of a record's fixed part
  std::string file;
  std::string function;
  std::uint32_t line;
};

/// All call sites of the process. Thread-safe; find() does not lock.
class SiteRegistry {
 public:
  static SiteRegistry& instance();

  /// The site of an id that a record holds; null for an id that was never given out.
  [[nodiscard]] const RegisteredSite* find(std::uint32_t id) const;
  /// How many sites are registered; ids run from kFirstSiteId on without a gap.
  [[nodiscard]] std::uint32_t count() const;

  /// Calls `visit` for every site so far and, from the thread that registers it, for every later
  /// one, before any record of it can exist. An empty function ends that. One visitor at a time.
  void set_visitor(std::function<void(const RegisteredSite&)> visit);

  /// Switches every site that `matches` on or off and returns how many these were. Takes effect
  /// for calls that begin afterwards.
  std::uint32_t set_enabled(const std::function<bool(const RegisteredSite&)>& matches,
                            bool enabled);

  /// Which of the sites with a name of their own (events, timers) are off for the client in this
  /// slot: `is_off` is asked about every one so far and, when it is registered, about every later
  /// one. An empty function switches all on. Returns what the client's gate is to block for it.
  /// `is_off` runs under the registry's lock.
  std::uint32_t set_switches(std::uint32_t slot, std::function<bool(const RegisteredSite&)> is_off);
  /// Switches all on and forgets the client, whose gate is closed.
  void drop_switches(std::uint32_t slot);

 private:
  friend std::uint32_t register_site(const Site& site, SiteGate& gate, void* library);
  friend std::uint32_t register_site(const Site& site, NamedSiteGate& gate, void* library);

  SiteRegistry() = default;
  struct State;
  static std::uint32_t add(const Site& site, SiteGate& gate, ClientBits* off_for, void* library);
  static void forget_library(void* library);
  static State& state();
};

}  // namespace metlog
