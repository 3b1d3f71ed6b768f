#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <concepts>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "metlog/internal/base/invoke.h"
#include "metlog/internal/client/decorator.h"
#include "metlog/timer.h"

namespace metlog {

// Wrappers that measure functions and can be made before there is a client: see docs/calls.md.

/// The base of a kind of decorators; timeit() and incr_count() are two kinds, and a program may
/// have its own:
///
///   struct Audited : metlog::MetlogDecorator<Audited> {
///     static constexpr std::string_view kKind = "audited";  // in `disabled_decorators`
///     template <class F, class... A>
///     decltype(auto) metlog_call(metlog::Decorator& decorator, F& function, A&&... args) const {
///       if (metlog::Client* client = decorator.client()) client->metlog("audit");
///       return metlog::invoke_callable(function, std::forward<A>(args)...);
///     }
///   };
///   auto pay = metlog::decorate(Audited(), shop::pay, "shop.pay");
///
/// predicate() is asked at the first call and decides for good whether calls of the wrapper go to
/// metlog_call() or to plain_call(). Both run the function once and return what it returns. All
/// three may be called by several threads at once; at the first calls predicate() may be, too, and
/// one answer counts. An exception leaves the wrapper, so it ends the program if the function is
/// noexcept.
template <class P>
class MetlogDecorator {
 public:
  /// Returns true to measure; nothing to decide at the next call, with a plain call until then.
  std::optional<bool> predicate(Decorator& decorator) const {
    return !decorator.is_disabled(P::kKind);
  }
  template <class F, class... A>
  decltype(auto) plain_call(Decorator& /*decorator*/, F& function, A&&... args) const {
    return metlog::invoke_callable(function, std::forward<A>(args)...);
  }
};

/// The kind of timeit(): its predicate needs a client, and asks that for its disabled timers.
struct TimeitDecorator : MetlogDecorator<TimeitDecorator> {
  // Hidden; see SiteOf.
  [[gnu::visibility("hidden")]] static constexpr std::string_view kKind = "timeit";

  std::optional<bool> predicate(Decorator& decorator) const {
    const Client* const client = decorator.client();
    if (client == nullptr) return std::nullopt;
    return !decorator.is_disabled(kKind) && !decorator.is_timer_disabled(*client);
  }
  template <class F, class... A>
  decltype(auto) metlog_call(Decorator& decorator, F& function, A&&... args) const {
    Client* const client = decorator.client();
    if (client == nullptr) return metlog::invoke_callable(function, std::forward<A>(args)...);
    const Timer timer = client->timer(decorator.name().full(), decorator.call_options());
    return metlog::invoke_callable(function, std::forward<A>(args)...);
  }
};

/// The kind of incr_count().
struct IncrCountDecorator : MetlogDecorator<IncrCountDecorator> {
  // Hidden; see SiteOf.
  [[gnu::visibility("hidden")]] static constexpr std::string_view kKind = "incr_count";

  template <class F, class... A>
  decltype(auto) metlog_call(Decorator& decorator, F& function, A&&... args) const {
    /// Counts when the function has ended, also by an exception.
    struct Count {
      Decorator& decorator;
      ~Count() {
        if (Client* const client = decorator.client())
          client->incr(decorator.name().full(), decorator.count(), decorator.call_options());
      }
    };
    const Count count{decorator};
    return metlog::invoke_callable(function, std::forward<A>(args)...);
  }
};

/// A callable that wraps another one: the same arguments, result, exceptions and noexcept. `P` is a
/// kind of decorators, see MetlogDecorator. Copies share what was decided, and the client.
template <class P, class F>
class Decorated {
 public:
  Decorated(P kind, F function, DecoratorName name, const DecoratorOptions& options)
      : state_(new State(std::move(kind), std::move(name), options)),
        function_(std::move(function)) {}

  template <class... A>
  requires std::invocable<F&, A...> std::invoke_result_t<F&, A...>
  operator()(A&&... args) noexcept(std::is_nothrow_invocable_v<F&, A...>) {
    return call(function_, std::forward<A>(args)...);
  }
  template <class... A>
  requires std::invocable<const F&, A...> std::invoke_result_t<const F&, A...>
  operator()(A&&... args) const noexcept(std::is_nothrow_invocable_v<const F&, A...>) {
    return call(function_, std::forward<A>(args)...);
  }

  [[nodiscard]] const DecoratorName& name() const { return state_->decorator.name(); }

 private:
  struct State {
    State(P given, DecoratorName name, const DecoratorOptions& options)
        : kind(std::move(given)), decorator(std::move(name), options) {}
    const P kind;
    Decorator decorator;

    bool measures() {
      if (const std::optional<bool> decided = decorator.decision()) return *decided;
      const std::optional<bool> answer = kind.predicate(decorator);
      return answer.has_value() && decorator.decide(*answer);
    }
  };

  template <class G, class... A>
  std::invoke_result_t<G&, A...> call(G& function, A&&... args) const {
    State& state = *state_;
    if (state.measures())
      return state.kind.metlog_call(state.decorator, function, std::forward<A>(args)...);
    return state.kind.plain_call(state.decorator, function, std::forward<A>(args)...);
  }

  std::shared_ptr<State> state_;
  F function_;
};

/// Returns the name of a type, from the name that the compiler gives to this function, because
/// typeid() needs run-time type information.
template <class F>
constexpr std::string_view callable_text() {
  std::string_view text = __PRETTY_FUNCTION__;
  text.remove_prefix(text.find("F = ") + std::string_view("F = ").size());
  return text.substr(0, text.find_first_of(";]"));
}

/// Returns the name of a wrapped callable, as far as C++ knows it.
template <class F>
DecoratorName decorated_name(const F& function, const CallPlace& place) {
  if constexpr (requires {
                  { function.name() } -> std::same_as<const DecoratorName&>;
                }) {
    return function.name();
  } else if constexpr (std::is_class_v<F>) {
    return DecoratorName::of_callable(place.file, callable_text<F>());
  } else {
    return DecoratorName::of_place(place);
  }
}

/// Returns the name of a function that is a template argument, from the name that the compiler
/// gives to this function.
template <auto kFunction>
constexpr std::string_view function_text() {
  std::string_view text = __PRETTY_FUNCTION__;
  text.remove_prefix(text.find("kFunction = ") + std::string_view("kFunction = ").size());
  return text.substr(0, text.find_first_of(";]"));
}

/// Returns a callable that does what `function` does, in the way of a kind of decorators. The name
/// is that of its messages: DecoratorName, a string, or as for timeit().
template <class P, class F>
Decorated<P, std::decay_t<F>> decorate(P kind, F&& function, DecoratorName name,
                                       const DecoratorOptions& options = {}) {
  return {std::move(kind), std::forward<F>(function), std::move(name), options};
}
template <class P, class F>
Decorated<P, std::decay_t<F>> decorate(P kind, F&& function, const DecoratorOptions& options = {},
                                       const CallPlace& place = CallPlace::here()) {
  DecoratorName name = decorated_name(function, place);
  return {std::move(kind), std::forward<F>(function), std::move(name), options};
}

template <class F>
using TimedCalls = Decorated<TimeitDecorator, F>;
template <class F>
using CountedCalls = Decorated<IncrCountDecorator, F>;

/// Returns a callable that sends a timer for each call of `function`, also when that throws.
template <class F>
TimedCalls<std::decay_t<F>> timeit(F&& function, DecoratorName name,
                                   const DecoratorOptions& options = {}) {
  return {{}, std::forward<F>(function), std::move(name), options};
}
/// Like above. The name is that of an inner wrapper, of the lambda or callable, or of the place.
/// For a function's own name: METLOG_TIMEIT(function) or timeit<&function>().
template <class F>
TimedCalls<std::decay_t<F>> timeit(F&& function, const DecoratorOptions& options = {},
                                   const CallPlace& place = CallPlace::here()) {
  DecoratorName name = decorated_name(function, place);
  return {{}, std::forward<F>(function), std::move(name), options};
}
template <auto kFunction>
TimedCalls<decltype(kFunction)> timeit(const DecoratorOptions& options = {},
                                       const CallPlace& place = CallPlace::here()) {
  return {
      {}, kFunction, DecoratorName::of_function(place.file, function_text<kFunction>()), options};
}

/// Returns a callable that adds options.count to a counter after each call of `function`, also when
/// that throws. Names are as for timeit().
template <class F>
CountedCalls<std::decay_t<F>> incr_count(F&& function, DecoratorName name,
                                         const DecoratorOptions& options = {}) {
  return {{}, std::forward<F>(function), std::move(name), options};
}
template <class F>
CountedCalls<std::decay_t<F>> incr_count(F&& function, const DecoratorOptions& options = {},
                                         const CallPlace& place = CallPlace::here()) {
  DecoratorName name = decorated_name(function, place);
  return {{}, std::forward<F>(function), std::move(name), options};
}
template <auto kFunction>
CountedCalls<decltype(kFunction)> incr_count(const DecoratorOptions& options = {},
                                             const CallPlace& place = CallPlace::here()) {
  return {
      {}, kFunction, DecoratorName::of_function(place.file, function_text<kFunction>()), options};
}

}  // namespace metlog

/// Wrap a function with timeit() or incr_count() under its name in the source: `auto pay =
/// METLOG_TIMEIT(shop::pay)` in shop.cc sends "shop.pay". Options may follow: {.rate = 0.1}.
#define METLOG_TIMEIT(function, ...)                                                   \
  ::metlog::timeit(function, ::metlog::DecoratorName::of_function(__FILE__, #function) \
                                 __VA_OPT__(, ) __VA_ARGS__)
#define METLOG_INCR_COUNT(function, ...)                                                   \
  ::metlog::incr_count(function, ::metlog::DecoratorName::of_function(__FILE__, #function) \
                                     __VA_OPT__(, ) __VA_ARGS__)
/// Wraps a function by a kind of decorators of the program: METLOG_DECORATE(Audited(), shop::pay).
#define METLOG_DECORATE(kind, function, ...)                                                  \
  ::metlog::decorate(kind, function,                                                          \
                     ::metlog::DecoratorName::of_function(__FILE__, #function) __VA_OPT__(, ) \
                         __VA_ARGS__)

#include "metlog/internal/base/restore_macros.inc"  // last
