#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/client.h"
#include "metlog/value.h"

namespace metlog {

// Security events in ArcSight's Common Event Format, as messages of type `cef` whose payload is the
// line. With `provider = metlog_cef.cef_plugin:config_plugin` in a configuration, the client has
// the method as well: client.call("cef", {{name, severity, environ, config}, {...}}). See
// docs/plugins.md.

// Signatures for CefEvent::signature that receivers know.
[[gnu::visibility("hidden")]] inline constexpr std::string_view kCefAuthFailure = "AuthFail";
[[gnu::visibility("hidden")]] inline constexpr std::string_view kCefCaptchaFailure = "CaptchaFail";
[[gnu::visibility("hidden")]] inline constexpr std::string_view kCefOverrideFailure =
    "InvalidAdmin";
[[gnu::visibility("hidden")]] inline constexpr std::string_view kCefAccountLocked =
    "AccountLockout";
[[gnu::visibility("hidden")]] inline constexpr std::string_view kCefPasswordResetCleared =
    "PasswordResetCleared";

/// What reports the event. Written as it is: a `|` in it would end the field.
struct CefDevice {
  std::string_view version = "0";  ///< of the format
  std::string_view vendor = {};
  std::string_view product = {};
  std::string_view device_version = {};
};

/// The web request in which it happened.
struct CefRequest {
  std::string_view user_agent = "none";
  std::string_view method = {};
  std::string_view path = {};
  std::string_view source = "None";  ///< the client's address
  std::string_view host = "none";    ///< the Host header
};

/// One event.
struct CefEvent {
  std::string_view name = {};
  int severity = 0;                                          ///< 0 to 10; not checked
  std::optional<std::string_view> signature = std::nullopt;  ///< the name when absent
  std::string_view username = "none";                        ///< written as it is
  CefRequest request = {};
  /// Written behind the rest, the shortest first, as long as the line has at most 1,024 bytes.
  /// Those that do not fit are left out, with a warning on standard error. The keys `date`, `host`,
  /// `version`, `vendor`, `product`, `device_version`, `user_agent`, `method`, `url`, `source`,
  /// `dest` and `suser` also replace that part of the line.
  ValueMap extensions = {};
};

/// What an output to syslog shall do with the line: `fields.cef_meta`. Absent is null there.
struct CefSyslog {
  /// PID, CONS, NDELAY, NOWAIT, LOG_PERROR; separated by commas, without blanks.
  std::optional<std::string> options = std::nullopt;
  /// KERN, USER, MAIL, DAEMON, AUTH, LPR, NEWS, UUCP, CRON, LOCAL0 to LOCAL7.
  std::optional<std::string> facility = std::nullopt;
  std::optional<std::string> ident = std::nullopt;
  /// EMERG, ALERT, CRIT, ERR, WARNING, NOTICE, INFO, DEBUG.
  std::optional<std::string> priority = std::nullopt;
};

/// Sends the event with the client's logger and severity, and returns its line. kInvalidArgument,
/// and nothing is sent, for a wrong name in `syslog`. Any thread.
absl::StatusOr<std::string> send_cef(Client& client, const CefDevice& device, const CefEvent& event,
                                     const CefSyslog& syslog = {});

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
