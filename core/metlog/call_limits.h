#pragma once

#include <cstdint>

#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/base/ticks.h"
#include "metlog/internal/emit/call.h"

namespace metlog {

/// How often a call is made: states, constant-initialised, any thread. METLOG_EVERY_N and its like
/// keep one for each place; one that a program keeps itself limits several places together, or one
/// for each of its objects: METLOG_WARN(metlog::limited(limit, 1000, log), "...").
///
/// take() says whether this call is made, and if so how many were not since the one before.

/// One call in n, the first among them; n stays the same for a state.
class EveryNth {
 public:
  using Quantity = std::uint64_t;
  static constexpr bool kTellsSuppressed = true;

  constexpr EveryNth() = default;
  bool take(std::uint64_t n, std::uint64_t& suppressed) {
    const std::uint64_t call = calls_.add(1);
    if (n > 1 && call % n != 0) return false;
    suppressed = n > 1 && call != 0 ? n - 1 : 0;
    return true;
  }

 private:
  PlainAtomic<std::uint64_t> calls_{};
};

/// One call in so many seconds, the first among them.
class EverySeconds {
 public:
  using Quantity = double;
  static constexpr bool kTellsSuppressed = true;

  constexpr EverySeconds() = default;
  bool take(double seconds, std::uint64_t& suppressed) {
    return take(seconds, coarse_monotonic_ns(), suppressed);
  }
  /// The same at a time of one's own, in ns.
  bool take(double seconds, std::uint64_t now_ns, std::uint64_t& suppressed) {
    // relaxed: replace() decides
    const std::uint64_t due_ns = due_ns_.load(Order::kRelaxed);
    const auto next_ns = now_ns + static_cast<std::uint64_t>(seconds * 1e9);
    if (now_ns < due_ns || !due_ns_.replace(due_ns, next_ns)) {
      suppressed_.add(1);
      return false;
    }
    suppressed = suppressed_.exchange(0);
    return true;
  }
  /// Calls that were not made and not told of so far.
  [[nodiscard]] std::uint64_t suppressed() const {
    return suppressed_.load(Order::kRelaxed);  // relaxed: a counter
  }

 private:
  PlainAtomic<std::uint64_t> due_ns_{};
  PlainAtomic<std::uint64_t> suppressed_{};
};

/// The first n calls.
class FirstN {
 public:
  using Quantity = std::uint64_t;
  static constexpr bool kTellsSuppressed = false;

  constexpr FirstN() = default;
  bool take(std::uint64_t n, std::uint64_t&) {
    // relaxed: add() decides; the load keeps its line with all threads once the n are through
    return calls_.load(Order::kRelaxed) < n && calls_.add(1) < n;
  }

 private:
  PlainAtomic<std::uint64_t> calls_{};
};

/// Stands in a call's place of the client and lets through what the limit does. Lives as long as
/// the call.
template <class Limit, class Gate>
class Limited {
 public:
  Limited(Limit& limit, typename Limit::Quantity quantity, const Gate& gate)
      : limit_(&limit), quantity_(quantity), gate_(&gate) {}

  [[nodiscard]] Limited gate() const { return *this; }
  [[nodiscard]] const Gate& client() const { return *gate_; }
  /// Asked once for a call, after the client.
  [[nodiscard]] bool passes() const { return limit_->take(quantity_, suppressed_); }

  template <class Tag, class... A>
  [[gnu::always_inline]] void call(const A&... args) const {
    static_assert(!(kIsRate<A> || ...), "a call is either limited or sampled");
    if constexpr (Limit::kTellsSuppressed) {
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

/// `client` is a Client, or what else has a gate() that outlives the call.
template <class Limit, class ClientT>
[[nodiscard]] auto limited(Limit& limit, typename Limit::Quantity quantity, const ClientT& client) {
  return Limited(limit, quantity, client.gate());
}

}  // namespace metlog
