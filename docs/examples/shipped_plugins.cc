// The methods that metlog brings along, by a configuration and in code.

#include <metlog/cef.h>
#include <metlog/client_config.h>
#include <metlog/methods.h>
#include <metlog/metlog.h>
#include <metlog/procinfo.h>

#include <cstdio>

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

}  // namespace

int main() {
  absl::StatusOr<metlog::Client> log = metlog::client_from_text_config(kConfiguration, "shop");
  if (!log.ok()) {
    std::fprintf(stderr, "%s\n", log.status().ToString().c_str());
    return 2;
  }
  const bool is_sent = report_by_name(*log).ok() && report(*log).ok() && measure(*log).ok();
  return is_sent ? 0 : 1;
}
