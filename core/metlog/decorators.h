#pragma once

#include <concepts>
#include <memory>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include "metlog/internal/base/invoke.h"
#include "metlog/internal/client/decorator.h"
#include "metlog/timer.h"

namespace metlog {

/// Wrappers that measure functions and can be made before there is a client: see docs/calls.md.

template <class F>
decltype(auto) call_timed(Decorator& decorator, F& function, auto&&... args) {
  Client* const client = decorator.timing_client();
  if (client == nullptr)
    return metlog::invoke_callable(function, std::forward<decltype(args)>(args)...);
  const Timer timer = client->timer(decorator.name().full(), decorator.call_options());
  return metlog::invoke_callable(function, std::forward<decltype(args)>(args)...);
}

template <class F>
decltype(auto) call_counted(Decorator& decorator, F& function, auto&&... args) {
  /// Counts when the function has ended, also by an exception.
  struct Count {
    Decorator* decorator;
    ~Count() {
      if (decorator != nullptr) decorator->count();
    }
  };
  const Count count{decorator.counts() ? &decorator : nullptr};
  return metlog::invoke_callable(function, std::forward<decltype(args)>(args)...);
}

enum class DecoratorKind : std::uint8_t { kTimeit, kIncrCount };

/// A callable that wraps another one: the same arguments, result, exceptions and noexcept.
template <DecoratorKind kKind, class F>
class Decorated {
 public:
  Decorated(F function, DecoratorName name, const DecoratorOptions& options)
      : decorator_(new Decorator(std::move(name), options)), function_(std::move(function)) {}

  template <class... A>
  requires std::invocable<F&, A...>
  decltype(auto) operator()(A&&... args) noexcept(std::is_nothrow_invocable_v<F&, A...>) {
    return call(function_, std::forward<A>(args)...);
  }
  template <class... A>
  requires std::invocable<const F&, A...>
  decltype(auto) operator()(A&&... args) const
      noexcept(std::is_nothrow_invocable_v<const F&, A...>) {
    return call(function_, std::forward<A>(args)...);
  }

  [[nodiscard]] const DecoratorName& name() const { return decorator_->name(); }

 private:
  template <class G, class... A>
  decltype(auto) call(G& function, A&&... args) const {
    if constexpr (kKind == DecoratorKind::kTimeit) {
      return call_timed(*decorator_, function, std::forward<A>(args)...);
    } else {
      return call_counted(*decorator_, function, std::forward<A>(args)...);
    }
  }

  std::shared_ptr<Decorator> decorator_;
  F function_;
};

/// Returns the name of a wrapped callable, as far as C++ knows it.
template <class F>
DecoratorName decorated_name(const F& function, const CallPlace& place) {
  if constexpr (requires {
                  { function.name() } -> std::same_as<const DecoratorName&>;
                }) {
    return function.name();
  } else if constexpr (std::is_class_v<F>) {
    return DecoratorName::of_callable(place.file, typeid(F).name());
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

template <class F>
using TimedCalls = Decorated<DecoratorKind::kTimeit, F>;
template <class F>
using CountedCalls = Decorated<DecoratorKind::kIncrCount, F>;

/// Returns a callable that sends a timer for each call of `function`, also when that throws.
template <class F>
TimedCalls<std::decay_t<F>> timeit(F&& function, DecoratorName name,
                                   const DecoratorOptions& options = {}) {
  return {std::forward<F>(function), std::move(name), options};
}
/// Like above. The name is that of an inner wrapper, of the lambda or callable, or of the place.
/// For a function's own name: METLOG_TIMEIT(function) or timeit<&function>().
template <class F>
TimedCalls<std::decay_t<F>> timeit(F&& function, const DecoratorOptions& options = {},
                                   const CallPlace& place = CallPlace::here()) {
  DecoratorName name = decorated_name(function, place);
  return {std::forward<F>(function), std::move(name), options};
}
template <auto kFunction>
TimedCalls<decltype(kFunction)> timeit(const DecoratorOptions& options = {},
                                       const CallPlace& place = CallPlace::here()) {
  return {kFunction, DecoratorName::of_function(place.file, function_text<kFunction>()), options};
}

/// Returns a callable that adds options.count to a counter after each call of `function`, also when
/// that throws. Names are as for timeit().
template <class F>
CountedCalls<std::decay_t<F>> incr_count(F&& function, DecoratorName name,
                                         const DecoratorOptions& options = {}) {
  return {std::forward<F>(function), std::move(name), options};
}
template <class F>
CountedCalls<std::decay_t<F>> incr_count(F&& function, const DecoratorOptions& options = {},
                                         const CallPlace& place = CallPlace::here()) {
  DecoratorName name = decorated_name(function, place);
  return {std::forward<F>(function), std::move(name), options};
}
template <auto kFunction>
CountedCalls<decltype(kFunction)> incr_count(const DecoratorOptions& options = {},
                                             const CallPlace& place = CallPlace::here()) {
  return {kFunction, DecoratorName::of_function(place.file, function_text<kFunction>()), options};
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
