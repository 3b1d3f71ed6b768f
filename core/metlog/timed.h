#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

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

/// A call operator that makes the one of a class derived from this and F ambiguous, if F has one.
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

/// The result of timed(): calls F and times every call. As thread-safe as F.
template <class F>
class Timed {
 public:
  Timed(Client& client, std::string_view name, F function, const CallOptions& options)
      : client_(&client),
        name_(name),
        options_(new OwnedCallOptions(options)),
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

/// Returns a callable that does what `function` does, passes results and exceptions through, and
/// times every call: `auto query = timed(client, "db.query", run_query);`. Each call decides
/// whether the timer is enabled and the call is sampled. The client must outlive the callable and
/// not move.
template <class F>
[[nodiscard]] auto timed(Client& client, std::string_view name, F&& function,
                         const CallOptions& options = {}) {
  using Function = std::decay_t<F>;
  static_assert(can_be_called<Function>(), "a timer wraps something that can be called");
  return Timed<Function>(client, name, std::forward<F>(function), options);
}

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
