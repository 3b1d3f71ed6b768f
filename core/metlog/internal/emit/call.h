#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "metlog/internal/base/ticks.h"
#include "metlog/internal/emit/emit.h"
#include "metlog/internal/emit/sampling.h"
#include "metlog/internal/site/format_check.h"
#include "metlog/internal/site/site.h"

namespace metlog {

/// What the macros expand to.

/// Whether a list of names separated by commas holds this one, or "*".
consteval bool is_listed(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view entry = list.substr(0, comma);
    if (entry == name || entry == "*") return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

/// An argument as this kind of call takes it: a plain number given to a counter is its count.
template <SiteKind kKind, class A>
constexpr decltype(auto) as_role(const A& arg) {
  if constexpr (kKind == SiteKind::kCounter && Arg<A>::kRole == ArgRole::kText) {
    static_assert(std::is_arithmetic_v<A>, "a counter's count is a number");
    return Tagged<ArgRole::kCount, A>{arg};
  } else {
    return (arg);
  }
}

template <SiteKind kKind, class... A>
consteval FormatError check_call(std::string_view text) {
  constexpr std::size_t kTexts = (std::size_t{0} + ... + (Arg<A>::kRole == ArgRole::kText));
  if constexpr (kKind == SiteKind::kLog) {
    std::array<std::string_view, kTexts> types{};
    std::size_t count = 0;
    const auto add = [&](ArgRole role, std::string_view type) {
      if (role == ArgRole::kText) types[count++] = type;
    };
    (add(Arg<A>::kRole, kTypeCode<typename Arg<A>::Value>.view()), ...);
    return check_format(text, types);
  } else if constexpr (kTexts != 0) {
    return {"this call takes kv(), payload(), rate(), logger(), severity(), and nothing bare"};
  } else {
    return {};
  }
}

/// The text of a FormatError as a template argument, which is where g++ shows it.
template <std::size_t N>
struct ErrorText {
  char text[N];
};

template <class Tag, SiteKind kKind, class... A>
consteval auto error_text() {
  constexpr FormatError kError = check_call<kKind, A...>(Tag::text().text);
  ErrorText<std::string_view(kError.what).size() + 1> error{};
  std::string_view(kError.what).copy(error.text, sizeof error.text);
  return error;
}

/// Never constant: its name and `why` are what the compilers show the author of a wrong call;
/// clang++ shows the function's argument, g++ the template's.
template <ErrorText kWhy>
constexpr void this_call_is_wrong(const char* why) {
  throw why;
}

template <class Tag, SiteKind kKind, class... A>
consteval bool call_is_right() {
  constexpr FormatError kError = check_call<kKind, A...>(Tag::text().text);
  if constexpr (kError.what != nullptr) {
    this_call_is_wrong<error_text<Tag, kKind, A...>()>(kError.what);
  }
  return true;
}

template <class A>
inline constexpr bool kIsRate = std::is_same_v<A, Rate>;

/// The share to sample by; 1 when the call names none.
template <class... A>
constexpr double rate_of(const A&... args) {
  double share = 1.0;
  [[maybe_unused]] const auto look = [&](const auto& arg) {
    if constexpr (kIsRate<std::remove_cvref_t<decltype(arg)>>) share = arg.share;
  };
  (look(args), ...);
  return share;
}

template <class Tag>
consteval Priority priority_of() {
  constexpr SiteText kText = Tag::text();
  const bool is_high_priority =
      kText.kind == SiteKind::kLog && kText.severity <= Severity::kWarning;
  return is_high_priority ? Priority::kHigh : Priority::kNormal;
}

/// The id of the call's site, whose arguments are of these types.
template <class Tag, class... A>
[[gnu::always_inline]] inline std::uint32_t site_id() {
  static_assert(call_is_right<Tag, Tag::text().kind, A...>());
  // relaxed: stored once; whoever sees 0 registers it now, which only a call before main does
  std::uint32_t id = SiteOf<Tag>::gate.id.load(Order::kRelaxed);
  if (id == 0) [[unlikely]]
    id = register_early(TypedSite<Tag, A...>::kSite, SiteOf<Tag>::gate, &g_this_library);
  (void)&TypedSite<Tag, A...>::at_start;
  return id;
}

template <class Tag, class... A>
[[gnu::always_inline]] inline void call_in_roles(std::uint32_t client, std::uint64_t stamp,
                                                 const A&... args) {
  emit<priority_of<Tag>()>(client, site_id<Tag, A...>(), stamp, args...);
}

/// An admitted call: sampled, and its record emitted.
template <class Tag, class... A>
[[gnu::always_inline]] inline void call(const ClientGate& client, const A&... args) {
  if constexpr ((kIsRate<A> || ...)) {
    thread_local SampleCountdown countdown;
    if (!countdown.take(rate_of(args...))) return;
  }
  call_in_roles<Tag>(client.slot, client.stamp(), as_role<Tag::text().kind>(args)...);
}

/// The same through what stands before the client: see SiteGate::admits().
template <class Tag, class Before, class... A>
[[gnu::always_inline]] inline void call(const Before& before, const A&... args) {
  before.template call<Tag>(args...);
}

/// A timer that the compiler removes.
struct NoTimer {
  // Not trivial, so that nobody is told that the variable is unused.
  ~NoTimer() {}
};

/// Times its own life. `Fields` calls what it is given with the call's further arguments.
template <class Tag, class Fields>
class ScopeTimer {
 public:
  [[gnu::always_inline]] ScopeTimer(const ClientGate& client, Fields fields)
      : fields_(fields),
        client_(SiteOf<Tag>::gate.admits(client) ? &client : nullptr),
        start_ticks_(client_ != nullptr ? steady_ticks() : 0) {}
  ScopeTimer(const ScopeTimer&) = delete;
  ScopeTimer& operator=(const ScopeTimer&) = delete;
  [[gnu::always_inline]] ~ScopeTimer() {
    // Asked again: the client may have been closed meanwhile, and its slot be another's. What else
    // was switched since counts for the timers to come.
    if (client_ == nullptr || client_->is_closed()) return;
    const std::uint64_t now = steady_ticks();
    fields_([&](const auto&... args) { send(now, args...); });
  }

 private:
  template <class... A>
  [[gnu::always_inline]] void send(std::uint64_t now, const A&... args) const {
    if constexpr ((kIsRate<A> || ...)) {
      thread_local SampleCountdown countdown;
      if (!countdown.take(rate_of(args...))) return;
    }
    call_in_roles<Tag>(client_->slot, now, Elapsed{now - start_ticks_}, args...);
  }

  Fields fields_;
  const ClientGate* client_;
  std::uint64_t start_ticks_;
};

template <class Tag, bool kDisabled, class Fields>
[[gnu::always_inline]] inline auto make_scope_timer([[maybe_unused]] const ClientGate& client,
                                                    [[maybe_unused]] Fields fields) {
  if constexpr (kDisabled) {
    return NoTimer{};
  } else {
    return ScopeTimer<Tag, Fields>(client, fields);
  }
}

}  // namespace metlog
