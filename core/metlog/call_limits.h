#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <cstdint>
#include <type_traits>

#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/base/ticks.h"
#include "metlog/internal/emit/call.h"
#include "metlog/internal/site/type_concepts.h"

namespace metlog {

/// Limits on how often a call is made. They are constant-initialised; any thread. METLOG_EVERY_N
/// and the macros like it have one for each place. A program can have its own, for several places
/// together or for each of its objects: METLOG_WARN(metlog::limited(limit, 1000, log), "...").
///
/// take() returns whether this call is made, and then sets `suppressed` to the number of calls that
/// were not made since the last one that was.

/// A limit's number of calls from any integer: a negative one is 0.
struct CallCount {
  template <class T>
  constexpr CallCount(T n) : calls(static_cast<std::uint64_t>(n)) {
    static_assert(std::is_integral_v<T> && sizeof(T) <= sizeof(std::uint64_t),
                  "a number of calls is an integer of at most 64 bits");
    if constexpr (std::is_signed_v<T>) {
      if (n < 0) calls = 0;
    }
  }

  std::uint64_t calls;
};

/// A limit's period from any number, in seconds, or any duration. A negative one and NaN are 0; one
/// that does not fit into 64 bits of ns never ends.
struct CallPeriod {
  template <class T>
  constexpr CallPeriod(const T& period) : ns(0) {
    static_assert(std::is_arithmetic_v<T> || Duration<T>,
                  "a period is a number of seconds or a std::chrono::duration");
    if constexpr (Duration<T>) {
      ns = ns_of(static_cast<double>(period.count()) * T::period::num / T::period::den);
    } else {
      ns = ns_of(static_cast<double>(period));
    }
  }

  std::uint64_t ns;

 private:
  static constexpr std::uint64_t ns_of(double seconds) {
    if (!(seconds > 0)) return 0;
    return seconds < 1.8e10 ? static_cast<std::uint64_t>(seconds * 1e9) : UINT64_MAX;
  }
};

/// Makes one call in n, beginning with the first; every call for n = 0 and 1. n must be the same
/// for all calls of one limit.
class EveryNth {
 public:
  using Quantity = CallCount;
  static constexpr bool kReportsSuppressed = true;

  constexpr EveryNth() = default;
  bool take(CallCount count, std::uint64_t& suppressed) {
    const std::uint64_t n = count.calls;
    const std::uint64_t call = calls_.add(1);
    if (n > 1 && call % n != 0) return false;
    suppressed = n > 1 && call != 0 ? n - 1 : 0;
    return true;
  }

 private:
  PlainAtomic<std::uint64_t> calls_{};
};

/// Makes at most one call in a period, beginning with the first; every call for a period of 0.
class EverySeconds {
 public:
  using Quantity = CallPeriod;
  static constexpr bool kReportsSuppressed = true;

  constexpr EverySeconds() = default;
  bool take(CallPeriod period, std::uint64_t& suppressed) {
    return take(period, coarse_monotonic_ns(), suppressed);
  }
  /// Decides at a given time, in ns.
  bool take(CallPeriod period, std::uint64_t now_ns, std::uint64_t& suppressed) {
    // relaxed: replace() decides
    const std::uint64_t due_ns = due_ns_.load(Order::kRelaxed);
    const std::uint64_t next_ns = period.ns < UINT64_MAX - now_ns ? now_ns + period.ns : UINT64_MAX;
    if (period.ns != 0 && (now_ns < due_ns || !due_ns_.replace(due_ns, next_ns))) {
      suppressed_.add(1);
      return false;
    }
    suppressed = suppressed_.exchange(0);
    return true;
  }
  /// Calls that were not made and not reported so far.
  [[nodiscard]] std::uint64_t suppressed() const {
    return suppressed_.load(Order::kRelaxed);  // relaxed: a counter
  }

 private:
  PlainAtomic<std::uint64_t> due_ns_{};
  PlainAtomic<std::uint64_t> suppressed_{};
};

/// Makes the first n calls, none for n = 0.
class FirstN {
 public:
  using Quantity = CallCount;
  static constexpr bool kReportsSuppressed = false;

  constexpr FirstN() = default;
  bool take(CallCount n, std::uint64_t&) {
    // relaxed: add() decides; after n calls only the load runs, and all threads share the line
    return calls_.load(Order::kRelaxed) < n.calls && calls_.add(1) < n.calls;
  }

 private:
  PlainAtomic<std::uint64_t> calls_{};
};

/// The limit of the macro call whose local struct is `Place`. Hidden as SiteOf is; a static
/// variable of the user's function cannot be.
template <class Limit, class Place>
struct [[gnu::visibility("hidden")]] LimitOf {
  static inline constinit Limit value{};
};

/// Takes the place of the client in a call and passes the calls that the limit passes. Lives as
/// long as the call.
template <class Limit, class Gate>
class Limited {
 public:
  Limited(Limit& limit, typename Limit::Quantity quantity, const Gate& gate)
      : limit_(&limit), quantity_(quantity), gate_(&gate) {}

  [[nodiscard]] Limited gate() const { return *this; }
  [[nodiscard]] const Gate& client() const { return *gate_; }
  /// Called once for each call that the client admits.
  [[nodiscard]] bool passes() const { return limit_->take(quantity_, suppressed_); }

  template <class Tag, class... A>
  [[gnu::always_inline]] void call(const A&... args) const {
    static_assert(!(kIsRate<A> || ...), "a call is either limited or sampled");
    if constexpr (Limit::kReportsSuppressed) {
      metlog::call<Tag>(*gate_, args..., kv("suppressed", suppressed_));
    } else {
      metlog::call<Tag>(*gate_, args...);
    }
  }

 private:
  Limit* limit_;
  typename Limit::Quantity quantity_;
  const Gate* gate_;
  mutable std::uint64_t suppressed_ = 0;
};

/// Limits a call. `client` is a Client or another object with a gate() that outlives the call.
template <class Limit, class ClientT>
[[nodiscard]] auto limited(Limit& limit, typename Limit::Quantity quantity, const ClientT& client) {
  return Limited(limit, quantity, client.gate());
}

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
