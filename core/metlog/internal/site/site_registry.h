#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "metlog/internal/site/format_text.h"
#include "metlog/internal/site/site.h"

namespace metlog {

/// Ids below this are reserved for control records, see internal/ring/cell.h.
inline constexpr std::uint32_t kFirstSiteId = 16;

/// An argument of a registered site.
struct RegisteredArg {
  ArgRole role;
  std::uint8_t key_bytes;
  std::string type;
};

/// A copy of a call site that outlives the library it came from. Immutable.
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

/// Sets what follows from the rest: segments and fixed_bytes.
inline void complete_site(RegisteredSite& site) {
  for (const RegisteredArg& arg : site.args) {
    const std::size_t scalar = scalar_bytes(arg.type[0]);
    site.fixed_bytes += arg.key_bytes + (scalar != 0 ? scalar : sizeof(std::uint32_t));
  }
  if (site.kind != SiteKind::kLog) return;
  split_format(site.text, [&](const FormatSegment& s) { site.segments.push_back(s); });
}

/// All call sites of the process. Thread-safe; find() does not lock.
class SiteRegistry {
 public:
  static SiteRegistry& instance();

  /// Returns the site of a record's id; null for an id that was never assigned.
  [[nodiscard]] const RegisteredSite* find(std::uint32_t id) const;
  /// Returns the number of registered sites; ids run from kFirstSiteId without a gap.
  [[nodiscard]] std::uint32_t count() const;

  /// Calls `visit` for every site so far and, on the registering thread, for every later one before
  /// any record of it can exist. An empty function removes the visitor. One visitor at a time.
  void set_visitor(std::function<void(const RegisteredSite&)> visit);

  /// Switches every site for which `matches` is true on or off, and returns how many these were.
  /// Takes effect for calls that begin afterwards.
  std::uint32_t set_enabled(const std::function<bool(const RegisteredSite&)>& matches,
                            bool enabled);

  /// Switches named sites (events, timers) off for the client in this slot: calls `is_off` for
  /// every one so far and for every later one when it is registered. An empty function switches all
  /// on. Returns the bits that the client's gate must block. `is_off` runs under the registry's
  /// lock.
  std::uint32_t set_switches(std::uint32_t slot, std::function<bool(const RegisteredSite&)> is_off);
  /// Asks the client's `is_off` again about the sites of this name, whose number alone decides what
  /// this costs. Nothing when the client has none.
  void refresh_switches(std::uint32_t slot, const std::string& name);
  /// Switches all on and frees the number of the client, whose gate is closed.
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
