#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "metlog/internal/site/gate.h"
#include "metlog/internal/site/reduce.h"

namespace metlog {

/// One argument of a call, as the flusher or another process must know it to read a record.
struct ArgSpec {
  ArgRole role;
  std::uint8_t key_bytes;
  std::string_view type;  // see type_code.h
};

/// The constant description of a call site, small because each site has one. Registration copies
/// what it points to, so it may go away with the library it stands in.
struct Site {
  const char* text;  // log: the format; event: the type; counter, timer: the name
  const char* file;
  const char* function;  // as __PRETTY_FUNCTION__ of the macro's local struct tells it
  const ArgSpec* args;
  std::uint32_t text_bytes;
  std::uint32_t line;
  std::uint8_t arg_count;
  SiteKind kind;
  Severity severity;  // of a log call
};

/// What a macro knows of its call without the arguments.
struct SiteText {
  SiteKind kind;
  Severity severity;
  std::string_view text;
  const char* file;
  const char* function;
  std::uint32_t line;
};
/// The same from its parts, in parentheses: a macro's braces would let a comma part its arguments.
/// Counts no characters: every constant expression about a site comes by here.
template <std::size_t N>
constexpr SiteText site_text(SiteKind kind, Severity severity, const char (&text)[N],
                             const char* file, const char* function, std::uint32_t line) {
  return {kind, severity, {text, N - 1}, file, function, line};
}

/// Assigns an id, stores it in the gate and makes the site known to every engine; returns the id.
/// Runs before main or when a library is loaded; any thread. A second call for one gate does
/// nothing. `library` is &g_this_library of the library that the gate lies in: when that is
/// unloaded, its sites can be switched no more, but stay known.
std::uint32_t register_site(const Site& site, SiteGate& gate, void* library);
/// The same of a site with a name; here the gate learns that it can be switched off by it.
std::uint32_t register_site(const Site& site, NamedSiteGate& gate, void* library);
/// The same for a call before its site is registered: static initialisers come in any order.
[[gnu::cold]] std::uint32_t register_early(const Site& site, SiteGate& gate, void* library);
[[gnu::cold]] std::uint32_t register_early(const Site& site, NamedSiteGate& gate, void* library);

/// Its address stands for the library that this is compiled into: the C++ ABI's __dso_handle, by a
/// name of our own, since that one is declared by the compiler at times and by users at others.
[[gnu::visibility("hidden")]] extern void* g_this_library __asm__("__dso_handle");

/// With the bits that are sure before the arguments are known; registration adds the others.
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

/// The gate of the call site that `Tag`, the macro's local struct, stands for.
template <class Tag>
struct SiteOf {
  using Gate = GateOf<Tag::text().kind>;
  static inline constinit Gate gate = new_gate<Gate>(Tag::text());
};

/// The arguments of all sites that take these types.
template <class... A>
struct ArgSpecs {
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

/// The same site with the types of its arguments; naming `at_start` registers it.
template <class Tag, class... A>
struct TypedSite {
  static_assert(sizeof...(A) <= UINT8_MAX, "a call takes at most 255 arguments");
  static constexpr Site kSite =
      describe_site(Tag::text(), ArgSpecs<A...>::kList.data(), sizeof...(A));
  /// Runs before main, or when its library is loaded. A function each: g++ takes more than twice
  /// the time for an initialiser of twice the length.
  [[gnu::constructor]] static void at_start() {
    register_site(kSite, SiteOf<Tag>::gate, &g_this_library);
  }
};

}  // namespace metlog
