#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "metlog/client.h"
#include "metlog/internal/base/invoke.h"
#include "metlog/internal/client/owned_values.h"
#include "metlog/timer.h"

namespace metlog {

/// Stands in for F's own call operator, which it then makes ambiguous.
struct AnyCallOperator {
  void operator()();
};
template <class F>
struct WithAnyCallOperator : F, AnyCallOperator {};

template <class F>
consteval bool can_be_called() {
  if constexpr (std::is_class_v<F> && !std::is_final_v<F>) {
    return !requires { &WithAnyCallOperator<F>::operator(); };
  } else {
    return std::is_class_v<F> || std::is_function_v<std::remove_pointer_t<F>> ||
           std::is_member_pointer_v<F>;
  }
}

/// What timed() makes: calls F, and times every call. As safe for several threads as F is.
template <class F>
class Timed {
 public:
  Timed(Client& client, std::string_view name, F function, const CallOptions& options)
      : client_(&client),
        name_(name),
        options_(std::make_shared<const OwnedCallOptions>(options)),
        function_(std::move(function)) {}

  template <class... A>
  decltype(auto) operator()(A&&... args) {
    const Timer timer = client_->timer(name_, options_->options());
    return metlog::invoke_callable(function_, std::forward<A>(args)...);
  }
  template <class... A>
  decltype(auto) operator()(A&&... args) const {
    const Timer timer = client_->timer(name_, options_->options());
    return metlog::invoke_callable(function_, std::forward<A>(args)...);
  }

 private:
  Client* client_;
  std::string name_;
  std::shared_ptr<const OwnedCallOptions> options_;
  F function_;
};

/// A callable that does what `function` does - results and exceptions pass - and times every call:
/// `auto query = timed(client, "db.query", run_query);`. Whether the timer is disabled and whether
/// the call is sampled is decided at each call. The client outlives it and is not moved meanwhile.
template <class F>
[[nodiscard]] auto timed(Client& client, std::string_view name, F&& function,
                         const CallOptions& options = {}) {
  using Function = std::decay_t<F>;
  static_assert(can_be_called<Function>(), "a timer wraps something that can be called");
  return Timed<Function>(client, name, std::forward<F>(function), options);
}

}  // namespace metlog
