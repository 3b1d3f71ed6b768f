#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "metlog/message/gate.h"
#include "metlog/message/reduce.h"

namespace metlog {

/// One argument of a call, as the flusher or another process must know it to read a record.
struct ArgSpec {
  ArgRole role;
  std::uint8_t key_bytes;
  std::string_view type;  // see type_code.h
};

/// The constant description of a call site. Registration copies what it points to, so it may go
/// away with the library it stands in.
struct Site {
  SiteKind kind;
  Severity severity;      // of a log call
  std::string_view text;  // log: the format; event: the type; counter, timer: the name
  const ArgSpec* args;
  std::uint32_t arg_count;
  std::string_view file;
  std::string_view function;  // as __PRETTY_FUNCTION__ of the macro's local struct tells it
  std::uint32_t line;
};

/// What a macro knows of its call without the arguments.
struct SiteText {
  SiteKind kind;
  Severity severity;
  std::string_view text;
  std::string_view file;
  std::string_view function;
  std::uint32_t line;
};
/// The same from its parts, in parentheses: a macro's braces would let a comma part its arguments.
template <class... Parts>
constexpr SiteText site_text(const Parts&... parts) {
  return {parts...};
}

/// Assigns an id, stores it in the gate and makes the site known to every engine. Runs before
/// main or when a library is loaded; any thread. A second call for one gate does nothing.
void register_site(const Site& site, SiteGate& gate);
/// The gate is about to go away (dlclose, exit): the site can be switched no more.
void unregister_site(SiteGate& gate);

/// Registers for as long as it lives.
class SiteRegistration {
 public:
  SiteRegistration(const Site& site, SiteGate& gate) : gate_(gate) { register_site(site, gate); }
  ~SiteRegistration() { unregister_site(gate_); }
  SiteRegistration(const SiteRegistration&) = delete;
  SiteRegistration& operator=(const SiteRegistration&) = delete;

 private:
  SiteGate& gate_;
};

constexpr std::uint32_t initial_gate_bits(const SiteText& text) {
  return text.kind == SiteKind::kLog ? gate::of_severity(text.severity) : gate::of_kind(text.kind);
}

/// The gate of the call site that `Tag`, the macro's local struct, stands for.
template <class Tag>
struct SiteOf {
  static inline constinit SiteGate gate{{initial_gate_bits(Tag::text())}, {0}};
};

/// The same site with the types of its arguments; instantiating `registration` registers it.
template <class Tag, class... A>
struct TypedSite {
  static constexpr std::array<ArgSpec, sizeof...(A)> kArgs = {
      ArgSpec{Arg<A>::kRole, static_cast<std::uint8_t>(Arg<A>::kKeyBytes),
              kTypeCode<typename Arg<A>::Value>.view()}...};

  static constexpr Site describe() {
    constexpr SiteText kText = Tag::text();
    return {kText.kind,   kText.severity, kText.text,     kArgs.data(),
            kArgs.size(), kText.file,     kText.function, kText.line};
  }
  static inline const SiteRegistration registration{describe(), SiteOf<Tag>::gate};
};

}  // namespace metlog
