// The method `cef` and its typed form.

#include "metlog/cef.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <span>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/base/system_facts.h"
#include "metlog/internal/config/config_error.h"
#include "metlog/internal/plugins/cef/cef_line.h"
#include "metlog/internal/plugins/plugins.h"
#include "metlog/internal/provider/parameters.h"
#include "metlog/internal/python/python_text.h"
#include "metlog/internal/text/line_text.h"

namespace metlog {
namespace {

absl::string_view view(std::string_view text) { return {text.data(), text.size()}; }

// The names of syslog.h, which receivers look up.
constexpr std::string_view kOptions[] = {"PID", "CONS", "NDELAY", "NOWAIT", "LOG_PERROR"};
constexpr std::string_view kFacilities[] = {
    "KERN",   "USER",   "MAIL",   "DAEMON", "AUTH",   "LPR",    "NEWS",   "UUCP",  "CRON",
    "LOCAL0", "LOCAL1", "LOCAL2", "LOCAL3", "LOCAL4", "LOCAL5", "LOCAL6", "LOCAL7"};
constexpr std::string_view kPriorities[] = {"EMERG",   "ALERT",  "CRIT", "ERR",
                                            "WARNING", "NOTICE", "INFO", "DEBUG"};

/// `Facility should be one of: ['KERN', 'USER']`
std::string one_of(std::string_view what, std::span<const std::string_view> names) {
  return absl::StrCat(view(what), " should be one of: [",
                      absl::StrJoin(names, ", ",
                                    [](std::string* out, std::string_view name) {
                                      absl::StrAppend(out, "'", view(name), "'");
                                    }),
                      "]");
}

bool has(std::span<const std::string_view> names, absl::string_view name) {
  for (const std::string_view known : names) {
    if (view(known) == name) return true;
  }
  return false;
}

/// One setting of CefSyslog.
struct Setting {
  std::string_view key;
  std::string_view what;  // in messages; empty: any text
  std::span<const std::string_view> names;
  bool is_list;
  std::optional<std::string> CefSyslog::*member;
};

constexpr std::array<Setting, 4> kSettings = {
    Setting{"syslog_options", "Option", kOptions, true, &CefSyslog::options},
    Setting{"syslog_facility", "Facility", kFacilities, false, &CefSyslog::facility},
    Setting{"syslog_ident", "", {}, false, &CefSyslog::ident},
    Setting{"syslog_priority", "Priority", kPriorities, false, &CefSyslog::priority}};

/// An empty text passes, as in the original.
absl::Status check(const Setting& setting, const Value& value) {
  const std::string* const text = value.as_text();
  if (setting.what.empty()) {
    if (text != nullptr) return absl::OkStatus();
    return value_error(setting.key, value, absl::StrCat(view(setting.key), " should be a string"));
  }
  bool is_known = text != nullptr;
  if (is_known && !text->empty()) {
    const std::vector<absl::string_view> names =
        setting.is_list ? absl::StrSplit(*text, ',') : std::vector<absl::string_view>{*text};
    for (const absl::string_view name : names) is_known = is_known && has(setting.names, name);
  }
  if (is_known) return absl::OkStatus();
  return value_error(setting.key, value, one_of(setting.what, setting.names));
}

absl::Status check(const CefSyslog& syslog) {
  for (const Setting& setting : kSettings) {
    const std::optional<std::string>& text = syslog.*setting.member;
    if (!text.has_value()) continue;
    if (absl::Status status = check(setting, *text); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<CefSyslog> read_syslog(const ValueMap& parameters) {
  CefSyslog syslog;
  std::vector<std::string_view> keys;
  keys.reserve(kSettings.size());
  for (const Setting& setting : kSettings) keys.push_back(setting.key);
  if (absl::Status status = refuse_unexpected(parameters, keys); !status.ok()) return status;
  for (const Setting& setting : kSettings) {
    const Value* const value = parameters.find(setting.key);
    if (value == nullptr || value->is_null()) continue;
    if (absl::Status status = check(setting, *value); !status.ok()) return status;
    syslog.*setting.member = *value->as_text();
  }
  return syslog;
}

ValueMap meta_of(const CefSyslog& syslog) {
  ValueMap meta;
  for (const Setting& setting : kSettings) {
    const std::optional<std::string>& text = syslog.*setting.member;
    meta.set(setting.key, text.has_value() ? Value(*text) : Value());
  }
  return meta;
}

void warn(DiagnosticLimit& limit, std::string_view text) {
  if (text.empty()) return;
  diagnose_seldom(limit, "%s", line_text(text).c_str());
}

std::string send(Client& client, CefParts parts, CefExtensions extensions,
                 const CefSyslog& syslog) {
  static DiagnosticLimit illegal_keys;
  static DiagnosticLimit too_big;
  parts.date = cef_date(std::time(nullptr));
  parts.host = host_name();
  CefLine line = make_cef_line(std::move(parts), std::move(extensions));
  warn(illegal_keys, line.illegal_key);
  warn(too_big, line.too_big);
  const ValueMap meta = meta_of(syslog);
  client.metlog("cef", {.fields = {{"cef_meta", meta}}}, line.text);
  return std::move(line.text);
}

CefExtensions texts_of(const ValueMap& values) {
  CefExtensions texts;
  for (const ValueEntry& entry : values) texts.emplace_back(entry.key, python_str(entry.value));
  return texts;
}

}  // namespace

absl::StatusOr<std::string> send_cef(Client& client, const CefDevice& device, const CefEvent& event,
                                     const CefSyslog& syslog) {
  if (absl::Status status = check(syslog); !status.ok()) return status;
  CefParts parts;
  parts.version = device.version;
  parts.vendor = device.vendor;
  parts.product = device.product;
  parts.device_version = device.device_version;
  parts.name = cef_prefix(event.name);
  parts.signature = event.signature.has_value() ? cef_prefix(*event.signature) : parts.name;
  parts.severity = std::to_string(event.severity);
  parts.user_agent = cef_extension(event.request.user_agent);
  parts.method = cef_extension(event.request.method);
  parts.url = cef_extension(event.request.path);
  parts.source = event.request.source;
  parts.dest = cef_extension(event.request.host);
  parts.suser = event.username;
  return send(client, std::move(parts), texts_of(event.extensions), syslog);
}

// The method, called by name.
namespace {

const Parameters& parameters_of_cef() {
  static const auto* const kParameters = new Parameters{
      "cef()", {"name", "severity", "environ", "config", "username", "signature"}, 4};
  return *kParameters;
}

/// The arguments that cef() has a name for, and the others, which are extensions.
std::pair<Arguments, ValueMap> divide(const Arguments& arguments) {
  std::pair<Arguments, ValueMap> divided{{arguments.positional, {}}, {}};
  const std::vector<std::string_view>& names = parameters_of_cef().names;
  for (const ValueEntry& entry : arguments.named) {
    const bool is_named = std::find(names.begin(), names.end(), entry.key) != names.end();
    (is_named ? divided.first.named : divided.second).set(entry.key, entry.value);
  }
  return divided;
}

/// The parts of the original's `environ`, which is that of WSGI.
void read_environ(const ValueMap& environ, CefParts& parts) {
  const auto text_of = [&](std::string_view key, std::string_view absent) {
    const Value* const value = environ.find(key);
    return value == nullptr ? std::string(absent) : python_str(*value);
  };
  parts.user_agent = cef_extension(text_of("HTTP_USER_AGENT", "none"));
  parts.method = cef_extension(text_of("REQUEST_METHOD", ""));
  parts.url = cef_extension(text_of("PATH_INFO", ""));
  parts.dest = cef_extension(text_of("HTTP_HOST", "none"));
  parts.source = text_of("REMOTE_ADDR", "None");
  if (environ.contains("HTTP_X_FORWARDED_FOR")) {
    const std::string list = text_of("HTTP_X_FORWARDED_FOR", "");
    parts.source = std::string(absl::StripAsciiWhitespace(list.substr(0, list.find(','))));
  }
}

/// The settings below `cef.`, with further dots as underscores.
absl::Status read_device(const ValueMap& config, CefParts& parts) {
  const std::pair<std::string_view, std::string*> wanted[] = {
      {"version", &parts.version},
      {"vendor", &parts.vendor},
      {"device_version", &parts.device_version},
      {"product", &parts.product}};
  for (const auto& [key, part] : wanted) {
    bool is_found = false;
    for (const ValueEntry& entry : config) {
      if (!entry.key.starts_with("cef.")) continue;
      std::string name = entry.key.substr(4);
      std::replace(name.begin(), name.end(), '.', '_');
      if (name != key) continue;
      *part = python_str(entry.value);
      is_found = true;
    }
    if (!is_found) {
      return absl::NotFoundError(
          absl::StrCat("cef(): config lacks 'cef.", view(key),
                       "'; it takes cef.version, cef.vendor, cef.product and cef.device_version"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Value> call_cef(Client& client, const Arguments& arguments,
                               const CefSyslog& syslog) {
  const auto [named, extensions] = divide(arguments);
  const auto bound = parameters_of_cef().bind(named);
  if (!bound.ok()) return bound.status();
  const std::vector<const Value*>& given = *bound;
  for (const std::size_t map : {2U, 3U}) {
    if (given[map]->as_map() != nullptr) continue;
    return value_error(parameters_of_cef().names[map], *given[map], "cef() takes a map here");
  }
  CefParts parts;
  parts.name = cef_prefix(python_str(*given[0]));
  parts.severity = cef_prefix(python_str(*given[1]));
  const bool has_signature = given[5] != nullptr && !given[5]->is_null();
  parts.signature = has_signature ? cef_prefix(python_str(*given[5])) : parts.name;
  parts.suser = given[4] != nullptr ? python_str(*given[4]) : "none";
  read_environ(*given[2]->as_map(), parts);
  if (absl::Status status = read_device(*given[3]->as_map(), parts); !status.ok()) return status;
  return Value(send(client, std::move(parts), texts_of(extensions), syslog));
}

}  // namespace

absl::StatusOr<Plugin> make_cef(const ValueMap& parameters) {
  const absl::StatusOr<CefSyslog> syslog = read_syslog(parameters);
  if (!syslog.ok()) return syslog.status();
  return Plugin{"cef", [syslog = *syslog](Client& client, const Arguments& arguments) {
                  return call_cef(client, arguments, syslog);
                }};
}

}  // namespace metlog
