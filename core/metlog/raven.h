#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "metlog/client.h"
#include "metlog/decorators.h"
#include "metlog/exception_text.h"
#include "metlog/internal/python/decorator_name.h"
#include "metlog/value.h"

namespace metlog {

// Exceptions for Sentry: messages of type `sentry` whose payload is the event as
// base64(zlib(JSON)), which the router's Sentry output delivers. With `provider =
// metlog_raven.raven_plugin:config_plugin` in a configuration, the client has the method as well:
// client.call("raven", {{"cannot save"}}). See docs/plugins.md.

/// What is said beside the exception.
struct RavenReport {
  std::string_view msg = {};
  std::string_view logger = CallOptions::kNotGiven;  ///< not given: the client's
  int severity = 3;
  std::string_view dsn = {};  ///< `http://public:secret@host/project`; empty: null in the message
  ValueMap extra = {};        ///< fields of the message, and of the event's `extra`
};

/// Sends an exception with its type, its text, those of its causes, and the stack of the caller, so
/// of the place that caught it. Sends nothing for a null pointer: outside of a handler there is no
/// current exception. kNoTrace sends the report alone. kInvalidArgument for a DSN that is none.
/// Slow: looks up the name of every frame. zlib is loaded (libz.so.1) at the first call; without it
/// the event is not compressed. Any thread.
absl::Status send_raven(Client& client, const RavenReport& report = {},
                        const ExceptionRef& error = std::current_exception(),
                        const CallPlace& place = CallPlace::here());

#ifdef __cpp_exceptions

/// Reports the current exception for a decorated function; for CaptureStack.
void report_captured(Decorator& decorator) noexcept;

/// The kind of capture_stack(), for `disabled_decorators`.
struct CaptureStack : MetlogDecorator<CaptureStack> {
  // Hidden; see SiteOf.
  [[gnu::visibility("hidden")]] static constexpr std::string_view kKind = "capture_stack";

  template <class F, class... A>
  decltype(auto) metlog_call(Decorator& decorator, F& function, A&&... args) const {
    try {
      return metlog::invoke_callable(function, std::forward<A>(args)...);
    } catch (...) {
      report_captured(decorator);
      throw;
    }
  }
};

/// Returns a callable that reports each exception of `function` and throws it again. The client's
/// method `raven` reports, or send_raven() without a DSN when there is none. Of the options,
/// logger, severity (3 when absent), fields and the client count.
template <class F>
Decorated<CaptureStack, std::decay_t<F>> capture_stack(F&& function,
                                                       const DecoratorOptions& options = {},
                                                       const CallPlace& place = CallPlace::here()) {
  return decorate(CaptureStack(), std::forward<F>(function), options, place);
}

#endif

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
