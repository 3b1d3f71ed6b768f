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

/// The functions and types that the macros expand to.

/// True when a comma-separated list of names has this one, or "*".
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

/// True for the ten integer types that every text shows as a number.
template <class T, class... Numbers>
inline constexpr bool kIsOneOf = (std::is_same_v<T, Numbers> || ...);
template <class T>
inline constexpr bool kShownAsInteger =
    kIsOneOf<std::remove_cv_t<T>, signed char, unsigned char, short, unsigned short, int, unsigned,
             long, unsigned long, long long, unsigned long long>;

/// Returns an argument in its role for this kind of call: a plain number given to a counter is its
/// count. A bool or a character counts as its number.
template <SiteKind kKind, class A>
constexpr decltype(auto) as_role(const A& arg) {
  if constexpr (kKind == SiteKind::kCounter && Arg<A>::kRole == ArgRole::kText) {
    static_assert(std::is_arithmetic_v<A>,
                  "a counter's count is a number: cast an enumeration or an atomic to one");
    static_assert(!std::is_integral_v<A> || sizeof(A) <= sizeof(std::int64_t),
                  "a counter's count is a number of at most 64 bits");
    if constexpr (std::is_integral_v<A> && !kShownAsInteger<A>) {
      return WholeCount{static_cast<std::int64_t>(arg)};
    } else {
      return Tagged<ArgRole::kCount, A>{arg};
    }
  } else {
    return (arg);
  }
}

template <class A>
inline constexpr bool kIsRate = std::is_same_v<A, Rate>;

/// Stops the compiler at a call whose arguments have wrong roles for its kind.
template <SiteKind kKind, class... A>
consteval void check_roles() {
  constexpr auto kCount = []([[maybe_unused]] ArgRole role) {
    return (std::size_t{0} + ... + (Arg<A>::kRole == role));
  };
  static_assert(kCount(ArgRole::kPayload) == 0 || kKind == SiteKind::kEvent,
                "payload() is for events; other calls have a text, a count or a time");
  static_assert(kCount(ArgRole::kPayload) <= 1 && kCount(ArgRole::kRate) <= 1 &&
                    kCount(ArgRole::kLogger) <= 1 && kCount(ArgRole::kSeverity) <= 1,
                "a call takes payload(), rate(), logger() and severity() once each");
  static_assert(kCount(ArgRole::kText) <= 1 || kKind != SiteKind::kCounter,
                "a counter takes one count");
}

/// Returns the share of a call's rate(); 1 when it has none.
template <class... A>
constexpr double rate_of(const A&... args) {
  double share = 1.0;
  [[maybe_unused]] const auto look = [&](const auto& arg) {
    if constexpr (kIsRate<std::remove_cvref_t<decltype(arg)>>) share = arg.share;
  };
  (look(args), ...);
  return share;
}

/// Returns the priority of a site's records: high for log calls of WARNING and more severe.
template <class Tag>
consteval Priority priority_of() {
  constexpr SiteText kText = Tag::text();
  const bool is_high_priority =
      kText.kind == SiteKind::kLog && kText.severity <= Severity::kWarning;
  return is_high_priority ? Priority::kHigh : Priority::kNormal;
}

/// Returns the id of the call's site, whose arguments have these types.
template <class Tag, class... A>
[[gnu::always_inline]] inline std::uint32_t site_id() {
  static_assert(call_is_right<Tag, Tag::text().kind, A...>());
  // relaxed: stored once; a call that reads 0 registers the site, which happens only before main()
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

/// Samples an admitted call and emits its record. Hidden for the sake of `countdown`; see SiteOf.
template <class Tag, class... A>
[[gnu::always_inline, gnu::visibility("hidden")]] inline void call(const ClientGate& client,
                                                                   const A&... args) {
  check_roles<Tag::text().kind, A...>();
  if constexpr ((kIsRate<A> || ...)) {
    thread_local SampleCountdown countdown;
    if (!countdown.take(rate_of(args...), client)) return;
  }
  const std::uint32_t site =
      site_id<Tag, std::remove_cvref_t<decltype(as_role<Tag::text().kind>(args))>...>();
  emit<priority_of<Tag>()>(client.slot, site, client.stamp(), as_role<Tag::text().kind>(args)...);
}

/// Makes a call through an object in the place of the client: see SiteGate::admits().
template <class Tag, class Before, class... A>
[[gnu::always_inline]] inline void call(const Before& before, const A&... args) {
  before.template call<Tag>(args...);
}

/// The result of a timer that is compiled out.
struct NoTimer {
  // Not trivial, so that compilers do not warn about an unused variable.
  ~NoTimer() {}
};

/// Times its own lifetime. `Fields` calls its argument with the further arguments of the call.
template <class Tag, class Fields>
class [[gnu::visibility("hidden")]] ScopeTimer {
 public:
  [[gnu::always_inline]] ScopeTimer(const ClientGate& client, Fields fields)
      : fields_(fields),
        client_(SiteOf<Tag>::gate.admits(client) ? &client : nullptr),
        start_ticks_(client_ != nullptr ? steady_ticks() : 0) {}
  ScopeTimer(const ScopeTimer&) = delete;
  ScopeTimer& operator=(const ScopeTimer&) = delete;
  [[gnu::always_inline]] ~ScopeTimer() {
    // Checks again, because the client may have been closed and its slot reused. Other switches
    // apply only to timers that begin later.
    if (client_ == nullptr || client_->is_closed()) return;
    const std::uint64_t now = steady_ticks();
    fields_([&](const auto&... args) {
      check_roles<SiteKind::kTimer, std::remove_cvref_t<decltype(args)>...>();
      call_in_roles<Tag>(client_->slot, now, Elapsed{now - start_ticks_}, args...);
    });
  }

 private:
  Fields fields_;
  const ClientGate* client_;
  std::uint64_t start_ticks_;
};

/// A ScopeTimer with a rate(), which decides when it begins whether it is sent: one that is not
/// reads no clock and evaluates no argument.
template <class Tag, class Fields>
class SampledScopeTimer {
 public:
  [[gnu::always_inline]] SampledScopeTimer(const ClientGate& client, Fields fields)
      : fields_(fields), client_(&client) {
    if (!SiteOf<Tag>::gate.admits(client)) return;
    choice_ = sampling().begin();
    if (choice_ != ScopeSampling::Choice::kSkip) start_ticks_ = steady_ticks();
  }
  SampledScopeTimer(const SampledScopeTimer&) = delete;
  SampledScopeTimer& operator=(const SampledScopeTimer&) = delete;
  [[gnu::always_inline]] ~SampledScopeTimer() {
    if (choice_ != ScopeSampling::Choice::kSkip) end();
  }

 private:
  // Hidden; see SiteOf.
  [[gnu::visibility("hidden")]] static ScopeSampling& sampling() {
    thread_local ScopeSampling sampling;
    return sampling;
  }
  [[gnu::noinline]] void end() {
    if (client_->is_closed()) return;  // as above
    const std::uint64_t now = steady_ticks();
    fields_([&](const auto&... args) {
      check_roles<SiteKind::kTimer, std::remove_cvref_t<decltype(args)>...>();
      if (!sampling().is_sent(choice_, rate_of(args...), *client_)) return;
      call_in_roles<Tag>(client_->slot, now, Elapsed{now - start_ticks_}, args...);
    });
  }

  Fields fields_;
  const ClientGate* client_;
  ScopeSampling::Choice choice_ = ScopeSampling::Choice::kSkip;
  std::uint64_t start_ticks_ = 0;
};

/// Tells whether a timer's further arguments have a rate(), without evaluating them.
struct RateProbe {
  template <class... A>
  std::bool_constant<(kIsRate<A> || ...)> operator()(const A&...) const;
};

template <class Tag, bool kDisabled, class Fields>
[[gnu::always_inline]] inline auto make_scope_timer([[maybe_unused]] const ClientGate& client,
                                                    [[maybe_unused]] Fields fields) {
  if constexpr (kDisabled) {
    return NoTimer{};
  } else if constexpr (decltype(fields(RateProbe()))::value) {
    return SampledScopeTimer<Tag, Fields>(client, fields);
  } else {
    return ScopeTimer<Tag, Fields>(client, fields);
  }
}

}  // namespace metlog
