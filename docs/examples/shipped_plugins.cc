// The methods that metlog brings along, by a configuration and in code.

#include <metlog/cef.h>
#include <metlog/client_config.h>
#include <metlog/methods.h>
#include <metlog/metlog.h>
#include <metlog/procinfo.h>
#include <metlog/raven.h>

#include <cstdio>
#include <stdexcept>

namespace {

constexpr const char* kConfiguration = R"(
    [shop]
    logger = shop
    sender_url = stdout:
    [shop_plugin_cef]
    provider = metlog_cef.cef_plugin:config_plugin
    syslog_facility = LOCAL4
    [shop_plugin_procinfo]
    provider = metlog_psutils.psutil_plugin:config_plugin
    [shop_plugin_raven]
    provider = metlog_raven.raven_plugin:config_plugin
    dsn = http://public:secret@sentry.example/2
)";

/// As a program of the original calls it.
absl::StatusOr<metlog::Value> report_by_name(metlog::Client& log) {
  const metlog::ValueMap config = {{"cef.version", 0},
                                   {"cef.vendor", "acme"},
                                   {"cef.product", "shop"},
                                   {"cef.device_version", 3}};
  const metlog::ValueMap environ = {{"REQUEST_METHOD", "POST"}, {"PATH_INFO", "/login"}};
  return log.call("cef", {{"login failed", 5, environ, config},
                          {{"signature", "AuthFail"}, {"username", "anna"}, {"attempt", 3}}});
}

/// The same in types; needs no configuration.
absl::StatusOr<std::string> report(metlog::Client& log) {
  return metlog::send_cef(log, {.vendor = "acme", .product = "shop", .device_version = "3"},
                          {.name = "login failed",
                           .severity = 5,
                           .signature = metlog::kCefAuthFailure,
                           .username = "anna",
                           .request = {.method = "POST", .path = "/login"},
                           .extensions = {{"attempt", 3}}},
                          {.facility = "LOCAL4"});
}

absl::Status measure(metlog::Client& log) {
  const auto answer = log.call("procinfo", {{}, {{"busy", true}}});  // as in the original
  if (!answer.ok()) return answer.status();
  return metlog::send_procinfo(log, {.cpu = true, .mem = true, .net = true});
}

int pay(int order) {
  if (order == 0) throw std::invalid_argument("no such order");
  return order;
}

void report_exceptions(metlog::Client& log) {
  try {
    pay(0);
  } catch (const std::exception& error) {
    log.call("raven", {{"cannot pay"}, {{"order", 0}}}).IgnoreError();  // as in the original
    metlog::send_raven(log, {.msg = "cannot pay", .extra = {{"order", 0}}}, error).IgnoreError();
  }
  // Reports each exception of pay() and throws it again.
  const auto reported_pay = metlog::capture_stack(pay, {.client = &log});
  try {
    reported_pay(0);
  } catch (const std::invalid_argument&) {
    std::puts("thrown again");
  }
}

}  // namespace

int main() {
  absl::StatusOr<metlog::Client> log = metlog::client_from_text_config(kConfiguration, "shop");
  if (!log.ok()) {
    std::fprintf(stderr, "%s\n", log.status().ToString().c_str());
    return 2;
  }
  const bool is_sent = report_by_name(*log).ok() && report(*log).ok() && measure(*log).ok();
  report_exceptions(*log);
  return is_sent ? 0 : 1;
}
