#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "metlog/internal/site/gate.h"
#include "metlog/internal/site/reduce.h"

namespace metlog {

/// One argument of a call: what the flusher or another process must know to read a record.
struct ArgSpec {
  ArgRole role;
  std::uint8_t key_bytes;
  std::string_view type;  // see type_code.h
};

/// The constant description of a call site, small because each site has one. Registration copies
/// everything, so that the library of the site may be unloaded.
struct Site {
  const char* text;  // log: the format; event: the type; counter, timer: the name
  const char* file;
  const char* function;  // __PRETTY_FUNCTION__ of the macro's local struct
  const ArgSpec* args;
  std::uint32_t text_bytes;
  std::uint32_t line;
  std::uint8_t arg_count;
  SiteKind kind;
  Severity severity;  // of a log call
};

/// The facts about a call that its macro knows without the arguments.
struct SiteText {
  SiteKind kind;
  Severity severity;
  std::string_view text;
  const char* file;
  const char* function;
  std::uint32_t line;
};
/// Makes a SiteText. A function, because the commas of a braced list would split the arguments of a
/// macro. Counts no characters, because every constant expression about a site evaluates it.
template <std::size_t N>
constexpr SiteText site_text(SiteKind kind, Severity severity, const char (&text)[N],
                             const char* file, const char* function, std::uint32_t line) {
  return {kind, severity, {text, N - 1}, file, function, line};
}

/// Assigns an id, stores it in the gate, makes the site known to every engine and returns the id.
/// Runs before main() or when a library is loaded; any thread. A second call for one gate only
/// returns the id. `library` is &g_this_library of the library that holds the gate: after that is
/// unloaded its sites stay known but can no longer be switched.
std::uint32_t register_site(const Site& site, SiteGate& gate, void* library);
/// Registers a site whose gate can be switched by its name.
std::uint32_t register_site(const Site& site, NamedSiteGate& gate, void* library);
/// Registers the site of a call that runs before registration: static initialisers run in any
/// order.
[[gnu::cold]] std::uint32_t register_early(const Site& site, SiteGate& gate, void* library);
[[gnu::cold]] std::uint32_t register_early(const Site& site, NamedSiteGate& gate, void* library);

/// Its address identifies the library that this is compiled into: the C++ ABI's __dso_handle, under
/// our own name because compilers and users also declare that one.
[[gnu::visibility("hidden")]] extern void* g_this_library __asm__("__dso_handle");

/// Returns a gate with the bits that do not depend on the arguments; registration adds the others.
template <class Gate>
constexpr Gate new_gate(const SiteText& text) {
  Gate gate{};
  gate.bits.value =
      text.kind == SiteKind::kLog ? gate::of_severity(text.severity) : gate::of_kind(text.kind);
  return gate;
}

template <SiteKind kKind>
using GateOf = std::conditional_t<kKind == SiteKind::kEvent || kKind == SiteKind::kTimer,
                                  NamedSiteGate, SiteGate>;

// What follows is hidden in the library that holds the call. With default visibility g++ would make
// these variables STB_GNU_UNIQUE, and dlclose() never unloads a library that has such a symbol. So
// each library has its own gate for an inline function of a shared header, and registers it.

/// The gate of the call site of `Tag`, the macro's local struct.
template <class Tag>
struct [[gnu::visibility("hidden")]] SiteOf {
  using Gate = GateOf<Tag::text().kind>;
  static inline constinit Gate gate = new_gate<Gate>(Tag::text());
};

/// The argument list of all sites with these types.
template <class... A>
struct [[gnu::visibility("hidden")]] ArgSpecs {
  static constexpr std::array<ArgSpec, sizeof...(A)> kList = {
      ArgSpec{Arg<A>::kRole, static_cast<std::uint8_t>(Arg<A>::kKeyBytes),
              kTypeCode<typename Arg<A>::Value>.view()}...};
};

constexpr Site describe_site(const SiteText& text, const ArgSpec* args, std::size_t arg_count) {
  return {text.text.data(),
          text.file,
          text.function,
          args,
          static_cast<std::uint32_t>(text.text.size()),
          text.line,
          static_cast<std::uint8_t>(arg_count),
          text.kind,
          text.severity};
}

/// A site with the types of its arguments. Naming `at_start` makes the program register it.
template <class Tag, class... A>
struct [[gnu::visibility("hidden")]] TypedSite {
  static_assert(sizeof...(A) <= UINT8_MAX, "a call takes at most 255 arguments");
  static constexpr Site kSite =
      describe_site(Tag::text(), ArgSpecs<A...>::kList.data(), sizeof...(A));
  /// Runs before main(), or when its library is loaded. One function for each site, because g++
  /// takes more than twice the time for an initialiser of twice the length.
  [[gnu::constructor]] static void at_start() {
    register_site(kSite, SiteOf<Tag>::gate, &g_this_library);
  }
};

}  // namespace metlog
